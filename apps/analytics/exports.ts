import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { ExportQuery, QueryReply } from '#libs/contracts/analytics.contract';
import { QUERY_ROWS_MAX, RowsPart } from '#libs/contracts/query-plan';
import { ExportSql } from '#libs/contracts/sql';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Answers, tooManyRows } from './answers';
import { isPlain, everyRowPlan } from './question/plan-of-question';
import { readQuestion, requireOneTarget } from './question/read-question';
import { Question } from './question/question';
import { Statements } from './sql/statements';
import { Targets } from './targets';

const PART_ROWS = 2_000;

/** Answers as streams of rows, however many. What leaves so leaves one audit entry, before its first row does. */
@Injectable()
export class Exports {
  constructor(
    private readonly storage: StorageContract,
    private readonly answers: Answers,
    private readonly targets: Targets,
    private readonly statements: Statements,
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  async *query(request: ExportQuery): AsyncGenerator<RowsPart> {
    requireOneTarget(request);
    const target = await this.targets.of(request);
    const question = readQuestion({ ...request, limit: QUERY_ROWS_MAX }, target, this.answers.nowUs);
    const { project } = request;
    const what = target.rollup === undefined ? `Dataset/${target.dataset}` : `Rollup/${target.rollup}`;
    yield* this.recorded(project, what, rangeOf(request), await this.partsOf(question));
  }

  async *sql(request: ExportSql): AsyncGenerator<RowsPart> {
    const checked = await this.statements.prepare(request);
    const read = checked.tables.join(', ');
    yield* this.recorded(request.project, 'Statement', `it reads ${read}`, this.storage.streamSql(checked));
  }

  /** What is computed of an answer's rows takes all of them; any other answer comes as the engine makes it. */
  private async partsOf(question: Question): Promise<Iterable<RowsPart> | AsyncIterable<RowsPart>> {
    if (isPlain(question)) {
      return this.storage.stream(everyRowPlan(question, (await this.answers.top(question)).groups));
    }
    const reply = await this.answers.answer(question);
    if (reply.truncated) throw tooManyRows(QUERY_ROWS_MAX);
    return inParts(reply);
  }

  private async *recorded(
    project: string,
    target: string,
    reason: string,
    parts: Iterable<RowsPart> | AsyncIterable<RowsPart>,
  ): AsyncGenerator<RowsPart> {
    let isRecorded = false;
    for await (const part of parts) {
      if (!isRecorded) {
        await this.database.transaction((tx) =>
          this.audit.record(tx, { action: 'data.export', target, outcome: 'succeeded', project, reason }),
        );
        isRecorded = true;
      }
      yield part;
    }
  }
}

const rangeOf = ({ from, to }: ExportQuery): string => `rows from ${from ?? 'the first'} to ${to ?? 'the last'}`;

function* inParts({ columns, rows }: QueryReply): Generator<RowsPart> {
  if (rows.length === 0) yield { columns, rows };
  for (let at = 0; at < rows.length; at += PART_ROWS) yield { columns, rows: rows.slice(at, at + PART_ROWS) };
}
