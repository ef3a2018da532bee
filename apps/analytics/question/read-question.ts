import { Bucket, shiftLocal } from '#libs/calendar/bucket';
import { isZone } from '#libs/calendar/zone';
import { QueryRequest } from '#libs/contracts/analytics.contract';
import { BUCKET_UNITS, BucketUnit } from '#libs/documents/bucket-units';
import { parseDuration } from '#libs/documents/duration';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import { instantOfText } from './instant-text';
import { MeasureCall, readMeasure } from './measure-call';
import { Period, Question, Target, Top } from './question';

const LIMIT = 1_000;
const BUCKET_MIN_MS = 1_000;
const BUCKET_MAX_MS = 366 * 86_400_000;
const MEASURE_NAME = /^[A-Za-z_]\w{0,62}$/;
const CALENDAR_COMPARE = /^(\d{1,4})\s*(day|week|month|quarter|year)s?$/;

/** Reads a request at a moment. Throws Unprocessable `query.invalid` with every field that is wrong. */
export function readQuestion(request: QueryRequest, target: Target, nowUs: bigint): Question {
  const problems: FieldProblem[] = [];
  const question = new Reading(request, nowUs, problems).question(target);
  if (problems.length > 0) throw invalidQuery(problems);
  return question;
}

/** Throws Unprocessable unless exactly one of dataset and rollup is named. */
export function requireOneTarget({ dataset, rollup }: QueryRequest): void {
  if ((dataset === undefined) === (rollup === undefined)) {
    throw invalidQuery([{ path: 'dataset', message: 'name exactly one of "dataset" and "rollup"' }]);
  }
}

export function invalidQuery(fields: readonly FieldProblem[]): Unprocessable {
  const [first] = fields;
  return new Unprocessable('query.invalid', `${first?.path}: ${first?.message}.`, { fields });
}

class Reading {
  private readonly zone: string;

  constructor(
    private readonly request: QueryRequest,
    private readonly nowUs: bigint,
    private readonly problems: FieldProblem[],
  ) {
    const { zone = 'UTC' } = request;
    this.zone = isZone(zone) ? zone : 'UTC';
    if (this.zone !== zone) this.refuse('zone', `"${zone}" is not a time zone like Europe/Berlin`);
  }

  question(target: Target): Question {
    const { request } = this;
    const open = request.compare === undefined ? undefined : this.nowUs; // what is compared has two ends
    const period = { fromUs: this.instant('from'), toUs: this.instant('to') ?? open };
    const bucket = this.bucket();
    const measures = this.measures();
    const question: Question = {
      project: request.project,
      target,
      ...period,
      zone: this.zone,
      bucket,
      measures,
      dimensions: request.dimensions ?? [],
      columns: request.columns ?? [],
      filters: request.filters ?? [],
      having: request.having ?? [],
      top: this.top(measures),
      fill: request.fill,
      before: this.before(period),
      order: (request.order ?? []).map(({ by, direction }) => ({ by, descending: direction === 'desc' })),
      limit: request.limit ?? LIMIT,
      raw: request.raw ?? false,
    };
    this.refuseContradictions(question);
    return question;
  }

  private refuseContradictions({ measures, target, dimensions, bucket, columns, fill, top, before }: Question): void {
    const groups = dimensions.length > 0 || bucket !== undefined;
    const isRollup = target.rollup !== undefined;
    if (measures.size === 0 && !isRollup && groups) {
      this.refuse('measures', 'grouping takes at least one measure, as in {"n": "count()"}');
    }
    if (measures.size > 0 && columns.length > 0) {
      this.refuse('columns', 'plain columns and measures do not go together; group by "dimensions"');
    }
    if (fill !== undefined && (bucket === undefined || measures.size === 0)) {
      this.refuse('fill', 'fills buckets: it takes a bucket and measures');
    }
    if (isRollup && (top ?? before ?? fill) !== undefined) {
      this.refuse('rollup', 'top, compare and fill ask a dataset, which a rollup serves by itself where it can');
    }
    if (before && measures.size === 0) this.refuse('compare', 'compares measures: it takes at least one');
  }

  private instant(path: 'from' | 'to'): bigint | undefined {
    const text = this.request[path];
    if (text === undefined) return undefined;
    const instant = instantOfText(text, this.zone, this.nowUs);
    if (instant === undefined) {
      this.refuse(
        path,
        `"${text}" is not a time like 2026-01-31T12:00:00Z, 2026-01-31 (in the zone) or now-24h, now-7d/d`,
      );
    }
    return instant;
  }

  private bucket(): Bucket | undefined {
    const text = this.request.bucket;
    if (text === undefined) return undefined;
    const unit = BUCKET_UNITS.find((one) => one === text);
    if (unit) return { kind: 'calendar', unit, zone: this.zone };
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= BUCKET_MIN_MS && ms <= BUCKET_MAX_MS) {
      return { kind: 'fixed', widthUs: BigInt(ms) * 1_000n };
    }
    this.refuse(
      'bucket',
      `"${text}" is not a duration from 1s to 366d like 5m, 1h or 1d, nor ${BUCKET_UNITS.join(', ')}`,
    );
    return undefined;
  }

  private measures(): ReadonlyMap<string, MeasureCall> {
    const measures = new Map<string, MeasureCall>();
    for (const [name, text] of Object.entries(this.request.measures ?? {})) {
      const calls = !MEASURE_NAME.test(name)
        ? 'is named with letters, digits and "_", 63 at most'
        : typeof text === 'string'
          ? readMeasure(name, text)
          : 'is not a text';
      if (typeof calls === 'string') this.refuse(`measures.${name}`, calls);
      else for (const [own, call] of calls) measures.set(own, call);
    }
    return measures;
  }

  private top(measures: ReadonlyMap<string, MeasureCall>): Top | undefined {
    const { top, dimensions = [] } = this.request;
    if (!top) return undefined;
    const call = measures.get(top.by);
    if (!call) this.refuse('top.by', `there is no measure "${top.by}"`);
    else if (call.kind !== 'aggregate')
      this.refuse('top.by', `"${top.by}" is computed of the answer; rank by an aggregate`);
    if (dimensions.length === 0) this.refuse('top', 'ranks groups: it takes at least one dimension');
    return { by: top.by, count: top.count, other: top.other ?? false };
  }

  private before({ fromUs, toUs = this.nowUs }: Period): Question['before'] {
    const { compare, bucket } = this.request;
    if (compare === undefined) return undefined;
    if (fromUs === undefined) {
      this.refuse('compare', 'takes a "from": how long the period is that is compared');
      return undefined;
    }
    if (compare === 'previous') return { fromUs: fromUs - (toUs - fromUs), toUs: fromUs };
    const [, count, unit] = CALENDAR_COMPARE.exec(compare) ?? [];
    if (count !== undefined && unit !== undefined) {
      const shift = (us: bigint): bigint => shiftLocal(unit as BucketUnit, this.zone, us, -Number(count)); // matched
      return { fromUs: shift(fromUs), toUs: shift(toUs) };
    }
    const ms = parseDuration(compare);
    if (ms === undefined || ms === 0 || ms > 100 * BUCKET_MAX_MS) {
      this.refuse('compare', `"${compare}" is not "previous", a duration like 7d, or a span like "1 month"`);
      return undefined;
    }
    const width = bucket === undefined ? undefined : parseDuration(bucket);
    if (width !== undefined && width > 0 && ms % width !== 0) {
      this.refuse('compare', `"${compare}" is not a multiple of the bucket "${bucket}", so that buckets do not meet`);
    }
    return { fromUs: fromUs - BigInt(ms) * 1_000n, toUs: toUs - BigInt(ms) * 1_000n };
  }

  private refuse(path: string, message: string): void {
    this.problems.push({ path, message });
  }
}
