import { Injectable } from '@nestjs/common';
import { Client, DatabaseError } from 'pg';
import { PostgresPull, PostgresSource } from '#libs/documents/sources/postgres';
import { ChartlyError, Unavailable, Unprocessable } from '#libs/errors/errors';
import { frame } from '#libs/framing/framing';
import { EgressGuard } from '#libs/egress/egress-guard';
import { recordTooLarge } from '../messages/message-record';
import { certifiedFor } from '../messages/peer';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { tableRead } from './table';

/** A page has as many rows as come to so many bytes, by those of the page before, and no more than so many. */
const PAGE_BYTES = 2 * 2 ** 20;
const FIRST_PAGE_ROWS = 100;
const PAGE_ROWS_MAX = 500;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const DEFAULT_PORT = 5432;

export interface PostgresState {
  /** The place behind which the next row is: the values of its two columns, as Postgres writes them. */
  readonly cursor?: string;
  readonly tie?: string;
  /** Which columns of which table they belong to: of others nothing is known. */
  readonly identity?: string;
}

interface ReadRow {
  readonly record: string | null;
  readonly bytes: number;
  readonly cursor: string;
  readonly tie: string;
}

/**
 * Reads rows in the order of the cursor and its tie-breaker, in one read-only transaction a slice, through a cursor on the
 * server, so that memory is a page whatever the table. Each row becomes the JSON that Postgres makes of it; bigint and
 * numeric come as texts, so that no digit is lost.
 */
@Injectable()
export class PostgresReader extends SourceReader<'postgres', PostgresState> {
  constructor(private readonly guard: EgressGuard) {
    super();
  }

  async *read({
    source,
    state,
    signal,
  }: ReadRequest<PostgresPull, PostgresState>): AsyncGenerator<SourcePage<PostgresState>, ReadEnd> {
    const client = await this.connected(source.postgres);
    const hangUp = (): void => void client.end().catch(() => undefined);
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      yield* pagesOf(client, source.postgres, state);
      return { done: true };
    } catch (thrown) {
      throw sourceError(thrown);
    } finally {
      signal.removeEventListener('abort', hangUp);
      await client.end().catch(() => undefined); // the transaction was read-only: nothing is lost with it
    }
  }

  positionOf({ cursor, tie }: Partial<PostgresState>): string | undefined {
    return cursor === undefined ? undefined : `${cursor} (${tie ?? ''})`;
  }

  private async connected({ url, auth, tls }: PostgresSource): Promise<Client> {
    const { hostname, port, pathname } = new URL(url);
    const at = Number(port === '' ? DEFAULT_PORT : port);
    const host = await this.guard.checkedAddress(hostname, at);
    const client = new Client({
      host,
      port: at,
      database: decodeURIComponent(pathname.slice(1)),
      ...auth,
      ssl: tls === 'off' ? false : certifiedFor(hostname.replace(/^\[(.*)\]$/, '$1')),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      application_name: 'chartly',
    });
    client.on('error', () => undefined); // the statement that it breaks tells of it
    try {
      await client.connect();
      return client;
    } catch (thrown) {
      await client.end().catch(() => undefined);
      throw sourceError(thrown);
    }
  }
}

async function* pagesOf(
  client: Client,
  source: PostgresSource,
  state: Partial<PostgresState>,
): AsyncGenerator<SourcePage<PostgresState>, void> {
  const identity = JSON.stringify([source.table, source.cursor, source.tieBreaker]);
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query("SET LOCAL TIME ZONE 'UTC'");
  const { all, after } = await tableRead(client, source);
  const known = state.identity === identity && state.cursor !== undefined ? [state.cursor, state.tie] : undefined;
  await client.query(`DECLARE rows NO SCROLL CURSOR FOR ${known ? after : all}`, known);
  for (let size = FIRST_PAGE_ROWS; ;) {
    const { rows } = await client.query<ReadRow>(`FETCH ${size} FROM rows`);
    if (rows.length === 0) return;
    const tooLarge = rows.find(({ record }) => record === null);
    const taken = tooLarge ? rows.slice(0, rows.indexOf(tooLarge)) : rows;
    const last = taken.at(-1);
    if (last) {
      const page = pageOf(taken.map(({ record }) => record ?? '')); // all of them are there
      yield { ...page, state: { cursor: last.cursor, tie: last.tie, identity } };
      size = Math.max(1, Math.min(PAGE_ROWS_MAX, Math.floor((PAGE_BYTES * page.count) / page.bytes)));
    }
    if (tooLarge) throw rowTooLarge(tooLarge, source);
  }
}

function pageOf(records: readonly string[]): Omit<SourcePage<PostgresState>, 'state'> {
  const payload = Buffer.from(records.map((record) => `${record}\n`).join(''));
  const { count } = frame(payload, 'ndjson');
  return { parts: [{ format: 'ndjson', payload, count }], count: records.length, bytes: payload.length };
}

const rowTooLarge = ({ bytes, tie }: ReadRow, { table, tieBreaker }: PostgresSource): Error =>
  recordTooLarge(String(bytes), `The row of ${table} whose "${tieBreaker}" is ${tie}`);

/** Class 28 of SQLSTATE is authentication, 42 what is not there or not allowed, 08, 53 and 57 a server that is away. */
function sourceError(thrown: unknown): unknown {
  if (thrown instanceof ChartlyError || !(thrown instanceof Error)) return thrown;
  const code = thrown instanceof DatabaseError ? (thrown.code ?? '') : '';
  if (code.startsWith('28')) {
    return new Unprocessable('pull.auth', "The source's database refused the user or its password.", { cause: thrown });
  }
  if (code !== '' && !/^(?:08|53|57|40|25)/.test(code)) {
    return new Unprocessable('pull.refused', `The source's database refused the query: ${thrown.message}.`, {
      cause: thrown,
    });
  }
  return new Unavailable('pull.failed', `The source's database did not answer: ${thrown.message}.`, { cause: thrown });
}
