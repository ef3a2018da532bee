import { Bucket, bucketAfter, bucketStarts } from '#libs/calendar/bucket';
import { rfc3339OfMicros } from '#libs/calendar/instants';
import { Cell, QUERY_ROWS_MAX, QueryRows, ResultColumn } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import { Period, Question } from '../question/question';
import { invalidQuery } from '../question/read-question';
import { Basis, derived, derivedType, placesOf } from './derive';
import { filled } from './fill';
import { pickRows } from './pick-rows';
import { Point, Series, seriesOf } from './series';

type Answer = Pick<QueryRows, 'columns' | 'rows'>;

/** A row of an answer before its cells are put together. */
interface ShapedRow {
  readonly startUs: bigint;
  readonly keys: readonly Cell[];
  readonly measures: readonly Cell[];
}

const BEFORE = '_before';

/**
 * The answer to a question out of its aggregates, and those of the period that it compares with: gaps filled, measures
 * computed, both periods side by side; then having, order and limit. Pure, and the same for every engine.
 */
export function shapeAnswer(
  question: Question,
  nowUs: bigint,
  main: Answer,
  before?: Answer,
): Answer & { readonly truncated: boolean } {
  const keys = main.columns.length - placesOf(question.measures).size - (question.bucket ? 1 : 0);
  const types = main.columns.slice(main.columns.length - placesOf(question.measures).size).map(({ type }) => type);
  const names = [...question.measures.keys()];
  const measureTypes = typesOf(question, types);
  const shaper = new Shaper(question, nowUs, types);
  const rows = shaper.rows(main, question, keys);
  const all = before && question.before ? sideBySide(rows, shaper, question, before, keys) : rows.flat();
  if (all.length > QUERY_ROWS_MAX) throw tooMany();
  const own = names.map((name, at): ResultColumn => ({ name, type: measureTypes[at] ?? 'double' }));
  const columns = [
    ...(question.bucket ? [main.columns[0]!] : []), // its first column is the bucket
    ...main.columns.slice(question.bucket ? 1 : 0, (question.bucket ? 1 : 0) + keys),
    ...own,
    ...(before ? own.map(({ name, type }) => ({ name: `${name}${BEFORE}`, type })) : []),
  ];
  const cells = all.map(({ startUs, keys: key, measures }) => [
    ...(question.bucket ? [rfc3339OfMicros(startUs)] : []),
    ...key,
    ...measures,
  ]);
  return { columns, ...pickRows(question, columns, keys, cells) };
}

class Shaper {
  private readonly basis: Basis['places'];

  constructor(
    private readonly question: Question,
    private readonly nowUs: bigint,
    private readonly types: readonly ColumnType[],
  ) {
    this.basis = placesOf(question.measures);
  }

  /** Each group's rows of a period. */
  rows(answer: Answer, period: Period, keys: number): ShapedRow[][] {
    const { bucket, fill, measures } = this.question;
    const groups = [...seriesOf(answer, { bucketed: bucket !== undefined, keys }).values()];
    const starts = bucket && fill ? this.starts(bucket, period, groups) : undefined;
    const numeric = this.types.map((type) => type === 'int' || type === 'double');
    if (starts && starts.length * Math.max(1, groups.length) > QUERY_ROWS_MAX) throw tooMany();
    const series = starts && groups.length === 0 && keys === 0 ? [{ keys: [], points: [] }] : groups;
    return series.map(({ keys: own, points }) => {
      const whole = starts && fill ? filled(points, starts, fill, numeric) : points;
      const basis: Basis = { places: this.basis, secondsOf: this.secondsOf(period) };
      const columns = [...measures.values()].map((call) => derived(call, whole, basis));
      return whole.map(({ startUs }, at) => ({
        startUs,
        keys: own,
        measures: columns.map((column) => column[at] ?? null),
      }));
    });
  }

  /** The starts of a period's buckets; where it is open, from the first to the last that the answer has. */
  starts(bucket: Bucket, { fromUs, toUs }: Period, groups: readonly Series[]): bigint[] {
    const seen = groups.flatMap(({ points }) => points.map(({ startUs }) => startUs));
    const first = fromUs ?? seen.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
    const last = seen.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
    const end = toUs ?? (last === undefined ? undefined : last + 1n);
    if (first === undefined || end === undefined) return [];
    const starts = bucketStarts(bucket, first, end, QUERY_ROWS_MAX);
    if (starts.length > QUERY_ROWS_MAX) throw tooMany();
    return starts;
  }

  /** A point's time: its whole bucket, and without buckets the whole period. */
  private secondsOf({ fromUs, toUs = this.nowUs }: Period): (point: Point) => number {
    const { bucket } = this.question;
    if (bucket) return ({ startUs }) => Number(bucketAfter(bucket, startUs) - startUs) / 1e6;
    return () => (fromUs === undefined ? Number.NaN : Number(toUs - fromUs) / 1e6);
  }
}

/** Rows of both periods that have the same group and the same place among their period's buckets, as one. */
function sideBySide(
  rows: readonly ShapedRow[][],
  shaper: Shaper,
  question: Question,
  before: Answer,
  keys: number,
): ShapedRow[] {
  const { bucket } = question;
  const earlier = shaper.rows(before, question.before ?? {}, keys);
  const places = (period: Period): bigint[] => (bucket ? shaper.starts(bucket, period, []) : [0n]);
  const now = places(question);
  const then = places(question.before ?? {});
  const placeNow = new Map(now.map((start, at) => [start, at]));
  const placeThen = new Map(then.map((start, at) => [start, at]));
  const nothing = [...question.measures.keys()].map(() => null);
  const merged = new Map<
    string,
    { startUs: bigint; keys: readonly Cell[]; own: readonly Cell[]; was: readonly Cell[] }
  >();
  for (const { startUs, keys: key, measures } of rows.flat()) {
    const name = JSON.stringify([placeNow.get(startUs) ?? String(startUs), key]);
    merged.set(name, { startUs, keys: key, own: measures, was: nothing });
  }
  for (const { startUs, keys: key, measures } of earlier.flat()) {
    const place = placeThen.get(startUs);
    const startNow = place === undefined ? undefined : now[place];
    if (place === undefined || startNow === undefined) continue; // a longer month had a day more
    const name = JSON.stringify([place, key]);
    const known = merged.get(name);
    merged.set(name, { startUs: startNow, keys: key, own: known?.own ?? nothing, was: measures });
  }
  return [...merged.values()].map(({ startUs, keys: key, own, was }) => ({
    startUs,
    keys: key,
    measures: [...own, ...was],
  }));
}

function typesOf({ measures, fill, bucket, fromUs }: Question, types: readonly ColumnType[]): ColumnType[] {
  const problems: FieldProblem[] = [];
  const found = [...measures].map(([name, call]): ColumnType => {
    const type = derivedType(call, types, { places: placesOf(measures) });
    if (type === undefined) problems.push({ path: `measures.${name}`, message: 'computes with what is no number' });
    if (call.kind === 'rate' && bucket === undefined && fromUs === undefined) {
      problems.push({ path: `measures.${name}`, message: 'rate takes a bucket, or a "from"' });
    }
    return type === 'int' && fill === 'linear' ? 'double' : (type ?? 'double');
  });
  if (problems.length > 0) throw invalidQuery(problems);
  return found;
}

const tooMany = (): Unprocessable =>
  new Unprocessable(
    'query.too_many_rows',
    `The question comes to more than ${QUERY_ROWS_MAX} rows. Narrow the range, widen the bucket or ask for the top groups.`,
  );
