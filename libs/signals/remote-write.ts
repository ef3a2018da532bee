import { BadRequest, PayloadTooLarge } from '#libs/errors/errors';
import { checkProtobufSize } from './decoded-size';
import { measured, rfc3339FromNanos, SpecialNumber } from './numbers';
import { checkLabel, jsonBytesOf, OutputBudget } from './output-budget';
import { WRITE_REQUEST } from './remote-write.schema';
import { digestOf } from './series';

/** What Prometheus writes where a series ends: a NaN with these bits. */
const STALE = 0x7ff0000000000002n;
const NAME_LABEL = '__name__';
const NANOS_PER_MS = 1_000_000n;

interface Labelled {
  readonly name: string;
  /** Without the name. */
  readonly labels: Readonly<Record<string, string>>;
  /** The same for the same name and labels, in any order. */
  readonly series: string;
  /** RFC 3339 UTC, to the millisecond. */
  readonly time: string;
}

/** One value of a series. `value` is null where JSON has no number for it, and `special` says which it was. */
export interface Sample extends Labelled {
  readonly kind: 'sample';
  readonly value: number | null;
  readonly special?: SpecialNumber | 'stale';
}

/** A native histogram of a series: counts by bucket, as remote write carries them. */
export interface NativeHistogram extends Labelled {
  readonly kind: 'histogram';
  readonly count: number;
  readonly sum: number | null;
  readonly schema: number;
  readonly zero_threshold: number;
  readonly zero_count: number;
  readonly positive: readonly NativeBucket[];
  readonly negative: readonly NativeBucket[];
}

export interface NativeBucket {
  /** The place of the bucket by the histogram's schema. */
  readonly index: number;
  readonly count: number;
}

interface Bits {
  readonly low: number;
  readonly high: number;
}

/** Of a single field the default (0, or an empty text) is left out. */
interface WireHistogram {
  readonly countInt?: Bits;
  readonly countFloat?: number;
  readonly sum?: number;
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCountInt?: Bits;
  readonly zeroCountFloat?: number;
  readonly negativeSpans: readonly WireSpan[];
  readonly negativeDeltas: readonly Bits[];
  readonly negativeCounts: readonly number[];
  readonly positiveSpans: readonly WireSpan[];
  readonly positiveDeltas: readonly Bits[];
  readonly positiveCounts: readonly number[];
  readonly timestamp?: Bits;
}

interface WireSpan {
  readonly offset?: number;
  readonly length?: number;
}

interface WireRequest {
  readonly timeseries: readonly {
    readonly labels: readonly { readonly name?: string; readonly value?: string }[];
    readonly samples: readonly { readonly value?: number; readonly timestamp?: Bits }[];
    readonly histograms: readonly WireHistogram[];
  }[];
}

const BUCKETS_MAX = 10_000;

/**
 * The samples of a remote write 1.0 request, after snappy. Exemplars and metadata, which senders repeat, are not records.
 * Throws BadRequest `events.malformed` for bytes that are no such request and for series without a name, and
 * PayloadTooLarge `events.too_large` for what would become more than `maxBytes` as text or passes another bound.
 */
export function samplesOf(body: Uint8Array, maxBytes: number): (Sample | NativeHistogram)[] {
  const budget = new OutputBudget(maxBytes);
  const request = decoded(body);
  return request.timeseries.flatMap(({ labels, samples, histograms }, at) => {
    for (const { name = '', value = '' } of labels) [name, value].forEach(checkLabel);
    const own = Object.fromEntries(labels.map(({ name = '', value = '' }) => [name, value]));
    if (labels.length !== Object.keys(own).length) throw malformed(`series ${at + 1} has a label twice`);
    const { [NAME_LABEL]: name, ...others } = own;
    if (name === undefined || name === '') throw malformed(`series ${at + 1} has no ${NAME_LABEL}`);
    budget.take(jsonBytesOf({ name, labels: others }), samples.length + histograms.length);
    const series = digestOf([name, others]);
    const labelled = (timestamp: Bits | undefined): Labelled => ({
      name,
      labels: others,
      series,
      time: timeOf(timestamp, at),
    });
    return [
      ...samples.map(({ value = 0, timestamp }): Sample => ({
        kind: 'sample',
        ...labelled(timestamp),
        ...valueOf(value),
      })),
      ...histograms.map((histogram): NativeHistogram => ({
        kind: 'histogram',
        ...labelled(histogram.timestamp),
        ...bucketsOf(histogram),
      })),
    ];
  });
}

function decoded(body: Uint8Array): WireRequest {
  try {
    checkProtobufSize(WRITE_REQUEST, body);
    return WRITE_REQUEST.toObject(WRITE_REQUEST.decode(body), { arrays: true }) as WireRequest; // what its schema names
  } catch (thrown) {
    if (thrown instanceof PayloadTooLarge) throw thrown;
    throw malformed(thrown instanceof Error ? thrown.message : 'it does not decode');
  }
}

function valueOf(value: number): Pick<Sample, 'value' | 'special'> {
  if (!Number.isNaN(value)) return measured(value);
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  return bits.getBigUint64(0) === STALE ? { value: null, special: 'stale' } : measured(value);
}

function timeOf(timestamp: Bits | undefined, at: number): string {
  const time = rfc3339FromNanos(BigInt.asIntN(64, wide(timestamp)) * NANOS_PER_MS);
  if (time === undefined) throw malformed(`series ${at + 1} has a time outside the years 1970 to 9999`);
  return time;
}

function bucketsOf(histogram: WireHistogram): Omit<NativeHistogram, keyof Labelled | 'kind'> {
  const { sum = 0, schema = 0, zeroThreshold = 0 } = histogram;
  return {
    count: histogram.countFloat ?? number(histogram.countInt),
    sum: measured(sum).value,
    schema,
    zero_threshold: zeroThreshold,
    zero_count: histogram.zeroCountFloat ?? number(histogram.zeroCountInt),
    positive: placed(histogram.positiveSpans, histogram.positiveDeltas, histogram.positiveCounts),
    negative: placed(histogram.negativeSpans, histogram.negativeDeltas, histogram.negativeCounts),
  };
}

/** Buckets stand in runs with gaps before them; counts are given as such, or each as what it adds to the one before. */
function placed(spans: readonly WireSpan[], deltas: readonly Bits[], counts: readonly number[]): NativeBucket[] {
  const buckets: NativeBucket[] = [];
  let index = 0;
  let count = 0;
  for (const { offset = 0, length = 0 } of spans) {
    index += offset;
    if (buckets.length + length > BUCKETS_MAX) throw malformed(`a histogram has more than ${BUCKETS_MAX} buckets`);
    for (let left = length; left > 0; left -= 1) {
      const given = counts[buckets.length];
      const delta = deltas[buckets.length];
      if (given === undefined && delta === undefined) throw malformed('a histogram has more buckets than counts');
      count = given ?? count + Number(BigInt.asIntN(64, wide(delta)));
      buckets.push({ index, count });
      index += 1;
    }
  }
  return buckets;
}

const number = (bits: Bits | undefined): number => Number(BigInt.asUintN(64, wide(bits)));

const wide = (bits: Bits | undefined): bigint =>
  bits === undefined ? 0n : (BigInt(bits.high) << 32n) | BigInt(bits.low >>> 0);

const malformed = (what: string): BadRequest =>
  new BadRequest('events.malformed', `The body is no remote write request: ${what}. Nothing was taken.`);
