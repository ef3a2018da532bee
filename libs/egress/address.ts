import * as ipaddr from 'ipaddr.js';

/** Why an address is refused; `public` is the only kind that is not. */
export type AddressKind = 'public' | 'loopback' | 'private' | 'link-local' | 'metadata' | 'special' | 'embedded';

/**
 * Ranges that are not the public internet: IANA's special-purpose registries (RFC 6890 and its updates), and the
 * addresses at which clouds serve metadata. "Unicast" says nothing: libraries call 168.63.129.16 so.
 */
const REFUSED: readonly (readonly [string, AddressKind])[] = [
  ['169.254.169.254/32', 'metadata'],
  ['169.254.170.2/32', 'metadata'],
  ['168.63.129.16/32', 'metadata'],
  ['100.100.100.200/32', 'metadata'],
  ['192.0.0.192/32', 'metadata'],
  ['fd00:ec2::/32', 'metadata'],
  ['127.0.0.0/8', 'loopback'],
  ['::1/128', 'loopback'],
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'private'],
  ['fc00::/7', 'private'],
  ['fec0::/10', 'private'],
  ['169.254.0.0/16', 'link-local'],
  ['fe80::/10', 'link-local'],
  ['0.0.0.0/8', 'special'],
  ['192.0.0.0/24', 'special'],
  ['192.0.2.0/24', 'special'],
  ['192.88.99.0/24', 'special'],
  ['198.18.0.0/15', 'special'],
  ['198.51.100.0/24', 'special'],
  ['203.0.113.0/24', 'special'],
  ['224.0.0.0/4', 'special'],
  ['240.0.0.0/4', 'special'],
  /* Forms that carry an IPv4 address: mapped, compatible, NAT64, 6to4, Teredo. */
  ['::ffff:0:0/96', 'embedded'],
  ['::ffff:0:0:0/96', 'embedded'],
  ['::/96', 'embedded'],
  ['64:ff9b::/96', 'embedded'],
  ['64:ff9b:1::/48', 'embedded'],
  ['2002::/16', 'embedded'],
  ['2001::/32', 'embedded'],
  ['100::/64', 'special'],
  ['2001:db8::/32', 'special'],
  ['2001:10::/28', 'special'],
  ['2001:20::/28', 'special'],
  ['3fff::/20', 'special'],
  ['5f00::/16', 'special'],
  ['ff00::/8', 'special'],
];

const RANGES = REFUSED.map(([range, kind]) => ({ range: ipaddr.parseCIDR(range), kind }));

/** What kind of address this is. Only plain forms are read; anything else is refused as special. */
export function addressKind(address: string): AddressKind {
  if (!ipaddr.isValid(address)) return 'special';
  const parsed = ipaddr.parse(address);
  const refused = RANGES.find(({ range: [base, bits] }) => parsed.kind() === base.kind() && parsed.match(base, bits));
  if (refused) return refused.kind;
  if (parsed.kind() === 'ipv6' && !parsed.match(ipaddr.parse('2000::'), 3)) return 'special'; // outside global unicast
  return 'public';
}
