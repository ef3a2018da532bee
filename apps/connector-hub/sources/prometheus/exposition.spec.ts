import { scrapedSamples } from './exposition';

const AT = new Date('2026-01-01T00:00:00.000Z');
const PAGE = `# HELP http_requests_total The total.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{ method = "get" , path="a\\\\b \\"c\\"\\nd}" , } 3
# TYPE latency histogram
latency_bucket{le="+Inf"} 144320
latency_sum 5.3423e+04
# a comment
plain -.5
gone NaN
most{} +Inf

`;

describe('a page in the text format of Prometheus', () => {
  it('gives each sample with its type, labels, series and time', () => {
    const samples = scrapedSamples(PAGE, AT);
    expect(samples.map(({ name, type, labels, time, value }) => [name, type, labels, time, value])).toEqual([
      ['http_requests_total', 'counter', { method: 'post', code: '200' }, '2014-03-17T14:26:03.000Z', 1027],
      ['http_requests_total', 'counter', { method: 'get', path: 'a\\b "c"\nd}' }, AT.toISOString(), 3],
      ['latency_bucket', 'histogram', { le: '+Inf' }, AT.toISOString(), 144320],
      ['latency_sum', 'histogram', {}, AT.toISOString(), 53423],
      ['plain', 'untyped', {}, AT.toISOString(), -0.5],
      ['gone', 'untyped', {}, AT.toISOString(), null],
      ['most', 'untyped', {}, AT.toISOString(), null],
    ]);
    expect(samples.slice(-2).map(({ special }) => special)).toEqual(['NaN', '+Inf']);
    expect(new Set(samples.map(({ series }) => series)).size).toBe(samples.length);
  });

  it.each(['a', 'a{', 'a{x="1"', 'a{x=1} 1', 'a{x="1",x="2"} 1', '1a 1', 'a 1 2 3', 'a one', 'a{x="1"}1', 'a 0x1'])(
    'is refused with the line where it is none: %s',
    (line) => {
      expect(() => scrapedSamples(`ok 1\n${line}\n`, AT)).toThrow(/line 2 is no sample/);
    },
  );
});
