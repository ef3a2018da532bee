import { neighbourhoodOf } from './neighbourhood';

describe('neighbourhoods', () => {
  it('counts an IPv6 customer as one, and a mapped address as the IPv4 address that it is', () => {
    expect(neighbourhoodOf('2001:db8:1:2:3:4:5:6')).toBe(neighbourhoodOf('2001:db8:1:2:ffff::1'));
    expect(neighbourhoodOf('2001:db8:1:2::1')).not.toBe(neighbourhoodOf('2001:db8:1:3::1'));
    expect(neighbourhoodOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(neighbourhoodOf('nonsense')).toBe('unknown');
  });
});
