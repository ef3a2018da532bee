import * as fc from 'fast-check';
import { BadRequest, PayloadTooLarge } from '#libs/errors/errors';
import { LABEL_MAX_CHARS, RECORDS_MAX } from './output-budget';
import { ndjsonOf } from './ndjson-of';
import * as remoteWrite from './remote-write';
import { WRITE_REQUEST } from './remote-write.schema';

const MIB = 2 ** 20;
const MAX_BYTES = 32 * MIB;
const TIME = 1_767_225_600_123;
const samplesOf = (body: Uint8Array) => remoteWrite.samplesOf(body, MAX_BYTES);
const encoded = (...timeseries: object[]): Uint8Array => WRITE_REQUEST.encode({ timeseries }).finish();
const label = (name: string, value: string): object => ({ name, value });
const NAMED = [label('__name__', 'up'), label('job', 'node')];

describe('Prometheus remote write', () => {
  it('gives each sample with its labels, its series and its time', () => {
    const series = {
      labels: NAMED,
      samples: [
        { value: 1, timestamp: TIME },
        { value: 0, timestamp: TIME + 1_000 },
      ],
    };
    expect(samplesOf(encoded(series))).toEqual([
      {
        kind: 'sample',
        name: 'up',
        labels: { job: 'node' },
        series: expect.stringMatching(/^[0-9a-f]{32}$/),
        time: '2026-01-01T00:00:00.123Z',
        value: 1,
      },
      expect.objectContaining({ time: '2026-01-01T00:00:01.123Z', value: 0 }),
    ]);
  });

  it('tells what no number of JSON says: the end of a series, NaN and the infinities', () => {
    const stale = Buffer.from('020000000000f07f', 'hex');
    const body = Buffer.from(
      encoded({
        labels: NAMED,
        samples: [Number.NaN, Infinity, -Infinity].map((value) => ({ value, timestamp: TIME })),
      }),
    );
    expect(samplesOf(body).map((sample) => 'special' in sample && sample.special)).toEqual(['NaN', '+Inf', '-Inf']);
    const one = Buffer.from(encoded({ labels: NAMED, samples: [{ value: 1, timestamp: TIME }] }));
    one.set(stale, one.indexOf(Buffer.from('000000000000f03f', 'hex')));
    expect(samplesOf(one)).toMatchObject([{ value: null, special: 'stale' }]);
  });

  it('reads native histograms: counts by what they add, and as they are', () => {
    const common = { sum: 18.5, schema: 1, zeroThreshold: 0.5, timestamp: TIME };
    const ints = {
      ...common,
      countInt: 12,
      zeroCountInt: 2,
      positiveSpans: [
        { offset: 0, length: 2 },
        { offset: 1, length: 2 },
      ],
      positiveDeltas: [1, 1, -1, 0],
    };
    const floats = {
      ...common,
      countFloat: 2.5,
      zeroCountFloat: 0.5,
      negativeSpans: [{ offset: -3, length: 1 }],
      negativeCounts: [2],
    };
    expect(samplesOf(encoded({ labels: NAMED, histograms: [ints, floats] }))).toMatchObject([
      {
        kind: 'histogram',
        count: 12,
        zero_count: 2,
        sum: 18.5,
        schema: 1,
        positive: [
          { index: 0, count: 1 },
          { index: 1, count: 2 },
          { index: 3, count: 1 },
          { index: 4, count: 1 },
        ],
        negative: [],
      },
      { kind: 'histogram', count: 2.5, zero_count: 0.5, negative: [{ index: -3, count: 2 }], positive: [] },
    ]);
  });

  it('takes a request with metadata alone for one without samples', () => {
    expect(samplesOf(WRITE_REQUEST.encode({ metadata: [{ metricFamilyName: 'up' }] }).finish())).toEqual([]);
  });

  it.each([
    ['a series without a name', encoded({ labels: [label('job', 'x')], samples: [] }), /has no __name__/],
    ['a label that comes twice', encoded({ labels: [...NAMED, label('job', 'y')] }), /has a label twice/],
    ['a time out of range', encoded({ labels: NAMED, samples: [{ value: 1, timestamp: -5 }] }), /outside the years/],
    [
      'buckets without end',
      encoded({ labels: NAMED, histograms: [{ positiveSpans: [{ length: 4_000_000_000 }], timestamp: TIME }] }),
      /more than 10000 buckets/,
    ],
    ['bytes that are no protobuf', Buffer.from([0x0a, 0xff]), /is no remote write request/],
  ])('refuses %s', (_, body, sentence) => {
    expect(() => samplesOf(body)).toThrow(sentence);
  });

  const samples = (count: number): object[] => Array.from({ length: count }, () => ({ value: 1, timestamp: TIME }));
  const wide = Array.from({ length: 20 }, (_, at) => label(`l${at}`, 'x'.repeat(LABEL_MAX_CHARS)));

  it.each([
    [
      'of one series whose labels each of its samples repeats',
      () => encoded({ labels: [...NAMED, ...wide], samples: samples(10_000) }),
      /becomes more than/,
    ],
    [
      'of a label that is too long',
      () => encoded({ labels: [...NAMED, label('l', 'x'.repeat(MIB))], samples: samples(10_000) }),
      /a label or an attribute of more than/,
    ],
    [
      'of too many samples',
      () => encoded({ labels: [label('__name__', 'u')], samples: samples(RECORDS_MAX + 1) }),
      /more than 100000 records/,
    ],
    ['of empty series, two bytes each', () => Buffer.from('0a00'.repeat(16 * MIB), 'hex'), /more than 500000 values/],
    [
      'of empty metadata, which is no record',
      () => Buffer.from('1a00'.repeat(16 * MIB), 'hex'),
      /more than 500000 values/,
    ],
  ])('refuses a bomb %s, soon and with little memory', (_, bomb, sentence) => {
    const body = bomb();
    const [began, before] = [performance.now(), process.memoryUsage()];
    let refusal: unknown;
    try {
      samplesOf(body);
    } catch (thrown) {
      refusal = thrown;
    }
    const after = process.memoryUsage();
    expect(refusal).toBeInstanceOf(PayloadTooLarge);
    expect(refusal).toMatchObject({ message: expect.stringMatching(sentence) });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(200 * MIB);
  });

  it('stops writing lines at the limit', () => {
    const records = Array.from({ length: 1_000 }, () => ({ text: 'x'.repeat(100) }));
    expect(ndjsonOf(records, MIB).length).toBe(112_000);
    expect(() => ndjsonOf(records, 111_999)).toThrow(PayloadTooLarge);
  });

  it('gives samples or a refusal for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          samplesOf(bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(BadRequest);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
