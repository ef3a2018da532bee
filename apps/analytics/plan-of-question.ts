import { QueryRequest } from '#libs/contracts/analytics.contract';
import { PlanMeasure, QueryPlan } from '#libs/contracts/query-plan';
import { parseDuration } from '#libs/documents/duration';
import { parseMeasure } from '#libs/documents/measure';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';

const LIMIT = 1_000;
const BUCKET_MIN_MS = 1_000;
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.(\d{1,9}))?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** The dataset that a question goes to, and the rollup of it, when it asks one. */
export interface Target {
  readonly dataset: string;
  readonly rollup?: string;
}

/** The plan that a question comes to. Throws Unprocessable `query.invalid` with every field that is wrong. */
export function planOf(question: QueryRequest, target: Target): QueryPlan {
  const problems: FieldProblem[] = [];
  const plan: QueryPlan = {
    project: question.project,
    dataset: target.dataset,
    rollup: target.rollup,
    fromUs: instant('from', question.from, problems),
    toUs: instant('to', question.to, problems),
    bucketMs: bucket(question.bucket, problems),
    measures: measures(question.measures, problems),
    dimensions: question.dimensions ?? [],
    columns: question.columns ?? [],
    filters: question.filters ?? [],
    order: (question.order ?? []).map(({ by, direction }) => ({ by, descending: direction === 'desc' })),
    limit: question.limit ?? LIMIT,
  };
  if (
    plan.measures.length === 0 &&
    plan.rollup === undefined &&
    (plan.dimensions.length > 0 || plan.bucketMs !== undefined)
  ) {
    problems.push({ path: 'measures', message: 'grouping takes at least one measure, as in {"n": "count()"}' });
  }
  if (plan.measures.length > 0 && plan.columns.length > 0) {
    problems.push({ path: 'columns', message: 'plain columns and measures do not go together; group by "dimensions"' });
  }
  if (problems.length > 0) throw invalidQuery(problems);
  return plan;
}

/** Throws Unprocessable unless exactly one of dataset and rollup is named. */
export function requireOneTarget({ dataset, rollup }: QueryRequest): void {
  if ((dataset === undefined) === (rollup === undefined)) {
    throw invalidQuery([{ path: 'dataset', message: 'name exactly one of "dataset" and "rollup"' }]);
  }
}

function invalidQuery(fields: readonly FieldProblem[]): Unprocessable {
  const [first] = fields;
  return new Unprocessable('query.invalid', `${first?.path}: ${first?.message}.`, { fields });
}

/** Microseconds since 1970 as decimal text, since an instant may lie beyond what a number holds exactly. */
function instant(path: string, text: string | undefined, problems: FieldProblem[]): string | undefined {
  if (text === undefined) return undefined;
  const match = RFC3339.exec(text);
  const ms = Date.parse(text.replace(/\.\d+/, ''));
  if (!match || Number.isNaN(ms)) {
    problems.push({ path, message: `"${text}" is not a time like 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00` });
    return undefined;
  }
  const micros = (match[1] ?? '').slice(0, 6).padEnd(6, '0');
  return String(BigInt(ms) * 1_000n + BigInt(micros));
}

function bucket(text: string | undefined, problems: FieldProblem[]): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= BUCKET_MIN_MS) return ms;
  problems.push({ path: 'bucket', message: `"${text}" is not a duration of 1s or more, like 5m, 1h or 1d` });
  return undefined;
}

function measures(calls: QueryRequest['measures'], problems: FieldProblem[]): PlanMeasure[] {
  return Object.entries(calls ?? {}).flatMap(([name, call]) => {
    const measure = typeof call === 'string' ? parseMeasure(name, call) : 'is not a text';
    if (typeof measure !== 'string') return [measure];
    problems.push({ path: `measures.${name}`, message: measure });
    return [];
  });
}
