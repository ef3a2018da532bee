import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { PlanGroups, QueryRows } from '#libs/contracts/query-plan';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Unprocessable } from '#libs/errors/errors';
import { aggregatesPlan, groupsOf, isPlain, plainPlan, rankPlan } from './question/plan-of-question';
import { Question } from './question/question';
import { shapeAnswer } from './shape/shape-answer';

/** Answers questions: the engine computes aggregates, and what is computed of an answer's rows is computed here. */
@Injectable()
export class Answers {
  constructor(
    private readonly storage: StorageContract,
    private readonly clock: Clock,
  ) {}

  get nowUs(): bigint {
    return BigInt(this.clock.now().getTime()) * 1_000n;
  }

  async answer(question: Question): Promise<QueryReply> {
    const { ranked, groups } = await this.top(question);
    const asked = ranked ? [ranked] : [];
    if (isPlain(question)) {
      const rows = await this.storage.query(plainPlan(question, groups));
      return replyOf(question, rows, [...asked, rows]);
    }
    const main = await this.aggregates(question, aggregatesPlan(question, question, groups));
    const before =
      question.before && (await this.aggregates(question, aggregatesPlan(question, question.before, groups)));
    const shaped = shapeAnswer(question, this.nowUs, main, before);
    return replyOf(question, { ...main, ...shaped }, [...asked, main, ...(before ? [before] : [])]);
  }

  /** The groups that the question's top comes to; none where it asks for no top. */
  async top(question: Question): Promise<{ readonly ranked?: QueryRows; readonly groups?: PlanGroups }> {
    const rank = rankPlan(question);
    if (!rank) return {};
    const ranked = await this.storage.query(rank);
    return { ranked, groups: groupsOf(question, ranked.rows) };
  }

  private async aggregates(question: Question, plan: ReturnType<typeof aggregatesPlan>): Promise<QueryRows> {
    const rows = await this.storage.query(plan);
    if (!rows.truncated) return rows;
    throw tooManyRows(plan.limit);
  }
}

export const tooManyRows = (limit: number): Unprocessable =>
  new Unprocessable(
    'query.too_many_rows',
    `The question comes to more than ${limit} groups. Narrow the range, widen the bucket or ask for the top groups.`,
  );

/** The reply that rows come to; `asked` are all answers of the engine that are in it, and the oldest tells its version. */
export function replyOf({ target }: Question, rows: QueryRows, asked: readonly QueryRows[]): QueryReply {
  const { columns, truncated, coverage, usedRollup } = rows;
  const first = asked[0] ?? rows;
  return {
    columns,
    rows: rows.rows,
    truncated,
    asOf: first.asOf,
    servedBy: usedRollup === undefined ? `dataset/${target.dataset}` : `rollup/${usedRollup}`,
    usedRollup: asked.every((one) => one.usedRollup !== undefined),
    rowsScanned: asked.reduce((sum, one) => sum + one.rowsScanned, 0),
    ...(coverage ? { coverage } : {}),
    repairedBuckets: rows.repairedBuckets,
    dataVersion: first.dataVersion,
  };
}
