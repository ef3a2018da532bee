import { Bucket } from '#libs/calendar/bucket';
import {
  Cell,
  PlanBucket,
  PlanGroups,
  PlanMeasure,
  QUERY_ROWS_MAX,
  QueryPlan,
  RowsPlan,
} from '#libs/contracts/query-plan';
import { Aggregate, aggregatesOf } from './measure-call';
import { Period, Question } from './question';

/** Whether the engine's answer is the question's: nothing is computed of its rows, filled or compared. */
export const isPlain = ({ measures, fill, before }: Question): boolean =>
  fill === undefined && before === undefined && [...measures.values()].every(({ kind }) => kind === 'aggregate');

/** The plan whose answer is the question's. `groups` are those that the question's top came to. */
export const plainPlan = (question: Question, groups?: PlanGroups): QueryPlan => ({
  ...everyRowPlan(question, groups),
  limit: question.limit,
});

/** As {@link plainPlan}, of all rows that there are. */
export function everyRowPlan(question: Question, groups?: PlanGroups): RowsPlan {
  const { having, order } = question;
  const measures = [...question.measures].flatMap(([name, call]) =>
    call.kind === 'aggregate' ? [{ name, ...call.aggregate }] : [],
  );
  return { ...plan(question, question, measures, groups), having: [...having], order: [...order] };
}

/** The plan of the aggregates that a question's measures are computed of, over the question's period or an earlier one. */
export function aggregatesPlan(question: Question, period: Period, groups?: PlanGroups): QueryPlan {
  const measures = neededAggregates(question).map((aggregate, at) => ({ name: aggregateName(at), ...aggregate }));
  return { ...plan(question, period, measures, groups), limit: QUERY_ROWS_MAX };
}

/** The plan whose first rows name the groups of the question's top. */
export function rankPlan(question: Question): QueryPlan | undefined {
  const { top } = question;
  const call = top && question.measures.get(top.by);
  if (!top || call?.kind !== 'aggregate') return undefined;
  const ranked = plan({ ...question, bucket: undefined }, question, [{ name: top.by, ...call.aggregate }]);
  return { ...ranked, order: [{ by: top.by, descending: true }], limit: top.count };
}

/** The groups that a rank plan's rows name. */
export const groupsOf = ({ top, dimensions }: Question, rows: readonly (readonly Cell[])[]): PlanGroups => ({
  groups: rows.map((row) => row.slice(0, dimensions.length).map((cell) => (typeof cell === 'object' ? null : cell))),
  fold: top?.other ?? false,
});

/** Each aggregate once, in the order in which the question comes to need it. */
export function neededAggregates({ measures }: Pick<Question, 'measures'>): Aggregate[] {
  const needed = new Map<string, Aggregate>();
  for (const call of measures.values()) for (const one of aggregatesOf(call)) needed.set(aggregateKey(one), one);
  return [...needed.values()];
}

export const aggregateKey = ({ fn, column, q }: Aggregate): string => JSON.stringify([fn, column, q]);

/** A name that no column can have. */
const aggregateName = (at: number): string => `measure ${at}`;

function plan(question: Question, { fromUs, toUs }: Period, measures: PlanMeasure[], groups?: PlanGroups): RowsPlan {
  const { project, target, bucket, dimensions, columns, filters, raw } = question;
  return {
    project,
    dataset: target.dataset,
    ...(target.rollup === undefined ? {} : { rollup: target.rollup }),
    ...(raw ? { raw } : {}),
    ...(fromUs === undefined ? {} : { fromUs: String(fromUs) }),
    ...(toUs === undefined ? {} : { toUs: String(toUs) }),
    ...(bucket === undefined ? {} : { bucket: planBucket(bucket) }),
    measures,
    dimensions: [...dimensions],
    ...(groups ? { groups } : {}),
    columns: [...columns],
    filters: [...filters],
    order: [],
  };
}

const planBucket = (bucket: Bucket): PlanBucket =>
  bucket.kind === 'fixed' ? { widthMs: Number(bucket.widthUs / 1_000n) } : { unit: bucket.unit, zone: bucket.zone };
