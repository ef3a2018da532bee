import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { QueryRequest } from '#libs/contracts/analytics.contract';
import { QueryDefinition, RunSavedQuery, SavedAnswer, SavedQuery, SaveQuery } from '#libs/contracts/saved-queries';
import { SqlRows } from '#libs/contracts/sql';
import { StorageContract } from '#libs/contracts/storage.contract';
import { canonicalJson } from '#libs/documents/canonical';
import { Unprocessable } from '#libs/errors/errors';
import { validateCall } from '#libs/transport/validate-call';
import { Answers } from '../answers';
import { Targets } from '../targets';
import { readQuestion, requireOneTarget } from '../question/read-question';
import { Statements } from '../sql/statements';
import { Answered, KeptAnswers } from './kept-answers';
import { filledIn, parameterProblems, ParameterValues, parameterValues } from './parameters';
import { QueryShelf } from './query-shelf';

/** What an answer depends on beside the data: when this and the data are as they were, so is the answer. */
interface Prepared {
  /** The dataset or datasets that it reads. */
  readonly tables: readonly string[];
  /** None when the clock is part of it. */
  readonly basis?: string;
  readonly run: () => Promise<Answered>;
}

/** Runs saved queries, and spares the work where the caller or this process has the answer. */
@Injectable()
export class SavedAnswers {
  /** For who asks the same while the data stays the same. */
  private readonly kept = new KeptAnswers();

  constructor(
    private readonly storage: StorageContract,
    private readonly shelf: QueryShelf,
    private readonly answers: Answers,
    private readonly targets: Targets,
    private readonly statements: Statements,
  ) {}

  /** Keeps a query that can be run: it is checked with its defaults, or with values of the right kind. */
  async save(request: SaveQuery): Promise<SavedQuery> {
    const problems = parameterProblems(request.definition);
    if (problems.length > 0) {
      throw new Unprocessable('query.invalid', `${problems[0]?.path}: ${problems[0]?.message}.`, { fields: problems });
    }
    const samples = Object.fromEntries(
      Object.entries(request.definition.parameters ?? {}).map(([name, { type, default: fallback }]) => [
        name,
        fallback ?? { string: 'x', number: 1, boolean: true, time: 'now' }[type],
      ]),
    );
    await this.prepare(request.project, request.definition, samples);
    return this.shelf.save(request);
  }

  async run({ project, name, parameters, known }: RunSavedQuery): Promise<SavedAnswer> {
    const { version, definition } = await this.shelf.find({ project, name });
    const values = parameterValues(definition, parameters);
    const prepared = await this.prepare(project, definition, values);
    const basis =
      prepared.basis === undefined ? undefined : canonicalJson([project, name, version, values, prepared.basis]);
    const expected = basis && tagOf(basis, await this.dataVersion(project, prepared.tables));
    if (expected !== undefined && known.includes(expected)) return unchanged(version, expected);
    const kept = expected === undefined ? undefined : this.kept.get(expected);
    const answer = kept ?? (await prepared.run());
    // The data may have changed since: the tag is that of what was read, or none when that cannot be told.
    const etag =
      expected !== undefined &&
      (await this.dataVersion(project, prepared.tables).then((now) => tagOf(basis!, now))) === expected
        ? expected
        : undefined;
    if (etag !== undefined && !kept) this.kept.keep(etag, answer);
    const { columns, rows, truncated, asOf } = answer;
    return {
      ...(etag === undefined ? {} : { etag }),
      unchanged: false,
      version,
      columns,
      rows,
      truncated,
      asOf,
      rowCount: rows.length,
    };
  }

  private async prepare(project: string, { query, sql }: QueryDefinition, values: ParameterValues): Promise<Prepared> {
    if (sql !== undefined) {
      const { tables, readsClock } = await this.statements.check(project, sql);
      const run = (): Promise<SqlRows> => this.statements.run({ project, sql, parameters: values });
      return { tables, ...(readsClock ? {} : { basis: 'sql' }), run };
    }
    const request = await validateCall(QueryRequest, { ...(filledIn(query, values) as object), project }); // a question is an object
    requireOneTarget(request);
    const target = await this.targets.of(request);
    const question = readQuestion(request, target, this.answers.nowUs);
    const endsNow =
      question.toUs === undefined &&
      question.bucket === undefined &&
      [...question.measures.values()].some(({ kind }) => kind === 'rate');
    const period = [question.fromUs, question.toUs, question.before?.fromUs].map(String);
    return {
      tables: [target.dataset],
      ...(endsNow ? {} : { basis: canonicalJson(['query', ...period]) }),
      run: () => this.answers.answer(question),
    };
  }

  private async dataVersion(project: string, tables: readonly string[]): Promise<string> {
    const { tables: all } = await this.storage.tables({ project });
    return tables.map((name) => all.find((one) => one.name === name)?.version ?? '').join(' ');
  }
}

const tagOf = (basis: string, data: string): string =>
  `"${createHash('sha256').update(`${basis}\n${data}`).digest('base64url')}"`;

const unchanged = (version: number, etag: string): SavedAnswer => ({
  etag,
  unchanged: true,
  version,
  columns: [],
  rows: [],
  truncated: false,
  asOf: '',
  rowCount: 0,
});
