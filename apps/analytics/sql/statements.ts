import { Injectable } from '@nestjs/common';
import { CheckedSql, ExportSql, SqlRequest, SqlRows } from '#libs/contracts/sql';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Unprocessable } from '#libs/errors/errors';
import { CheckedStatement, checkStatement, refuseUnreadable } from './sql-gate';
import { SqlParser } from './sql-parser';

const LIMIT = 1_000;
const TIMEOUT_MS = 10_000;

/** Runs SQL that its gate has let pass; nothing else crosses to storage. */
@Injectable()
export class Statements {
  constructor(
    private readonly storage: StorageContract,
    private readonly parser: SqlParser,
  ) {}

  /** Throws Unprocessable `sql.refused`, `sql.parameters`, `sql.invalid`. */
  async run({ limit = LIMIT, timeoutMs = TIMEOUT_MS, ...statement }: SqlRequest): Promise<SqlRows> {
    return this.storage.sql({ ...(await this.prepare(statement)), limit, timeoutMs });
  }

  /** The statement as storage may run it; throws as {@link run} does. */
  async prepare({ project, sql, parameters = {} }: ExportSql): Promise<CheckedSql> {
    const { tables, parameters: taken } = await this.check(project, sql);
    const missing = taken.filter((name) => !Object.hasOwn(parameters, name));
    const unknown = Object.keys(parameters).filter((name) => !taken.includes(name));
    if (missing.length > 0 || unknown.length > 0) {
      throw new Unprocessable(
        'sql.parameters',
        `The statement takes ${taken.length === 0 ? 'no parameters' : taken.map((name) => `$${name}`).join(', ')}; give a value for each and for nothing else.`,
        {
          fields: [...missing, ...unknown].map((name) => ({
            path: `parameters.${name}`,
            message: missing.includes(name) ? 'is missing' : 'is not in the statement',
          })),
        },
      );
    }
    const bad = Object.entries(parameters).find(([, value]) => typeof value === 'object' && value !== null);
    if (bad) throw new Unprocessable('sql.parameters', `$${bad[0]} is a text, a number, true, false or null.`);
    return { project, sql, tables: [...tables], parameters };
  }

  /** Throws Unprocessable `sql.refused`. */
  async check(project: string, sql: string): Promise<CheckedStatement> {
    refuseUnreadable(sql);
    const { tables } = await this.storage.tables({ project });
    return checkStatement(await this.parser.parse(sql), new Set(tables.map(({ name }) => name)));
  }
}
