import {
  ClickHouseClient,
  ClickHouseError,
  ClickHouseLogLevel,
  ClickHouseSettings,
  createClient,
  Row,
} from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ChartlyError, DeadlineExceeded, Internal, Unavailable, Unprocessable } from '#libs/errors/errors';
import { SqlValues } from './sql-values';
import { quoted } from './tables';

export interface ClickHouseOptions {
  /** `http(s)://user:password@host:port/database`. */
  readonly url: string;
  /** The cluster whose replicas hold every table; undefined for a single node. */
  readonly cluster?: string;
}

export type ClickCell = string | number | boolean | null;

const REQUEST_TIMEOUT_MS = 60_000;
const RETRY_AFTER_MS = 2_000;
/** Codes that pass by themselves: timeouts, too much at once, no memory, no space, a keeper or a replica away. */
const PASSING = new Set(['159', '160', '202', '209', '210', '225', '241', '242', '243', '252', '279', '319', '999']);

/** Room for the numbers of appends that do not count, of which a statement tells each. */
const STATEMENT_MAX_BYTES = 16 * 2 ** 20;

/** Whole numbers and infinities as text, and answers that have every insert before them on any replica. */
const SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
  prefer_column_name_to_alias: 1,
  insert_deduplicate: 0,
  async_insert: 0,
  wait_end_of_query: 1,
  max_query_size: String(STATEMENT_MAX_BYTES),
} as const;
const CLUSTER_SETTINGS = { insert_quorum: 'auto', select_sequential_consistency: '1', alter_sync: '2' } as const;

/** A ClickHouse server as this engine speaks to it. Errors are ours: what may pass is a retryable Unavailable. */
export class ClickHouse {
  private readonly client: ClickHouseClient;

  constructor(private readonly options: ClickHouseOptions) {
    this.client = createClient({
      url: options.url,
      application: 'chartly-storage',
      request_timeout: REQUEST_TIMEOUT_MS,
      log: { level: ClickHouseLogLevel.OFF }, // what fails is thrown, and told by who called
      clickhouse_settings: options.cluster === undefined ? SETTINGS : { ...SETTINGS, ...CLUSTER_SETTINGS },
    });
  }

  get cluster(): string | undefined {
    return this.options.cluster;
  }

  async command(sql: string, values?: SqlValues): Promise<void> {
    await this.run(() => this.client.command({ query: sql, query_params: values?.params }));
  }

  async rows(
    sql: string,
    values?: SqlValues,
    signal?: AbortSignal,
    settings?: ClickHouseSettings,
  ): Promise<ClickCell[][]> {
    const query_id = randomUUID();
    const query = { query: sql, format: 'JSONCompactEachRow', query_params: values?.params, query_id } as const;
    return this.stoppable(query_id, signal, async () => {
      const answer = await this.client.query({ ...query, abort_signal: signal, clickhouse_settings: settings });
      return answer.json<ClickCell[]>();
    });
  }

  /**
   * Rows as they come, the engine no further ahead than its buffers. What fails on the way must break the answer off: by
   * the default of older servers it would end whole, with its error as one more row.
   */
  async *parts(
    sql: string,
    values?: SqlValues,
    signal?: AbortSignal,
    settings?: ClickHouseSettings,
  ): AsyncGenerator<ClickCell[][]> {
    const query_id = randomUUID();
    const query = { query: sql, format: 'JSONCompactEachRow', query_params: values?.params, query_id } as const;
    const clickhouse_settings = {
      ...settings,
      wait_end_of_query: 0,
      http_write_exception_in_output_format: 0,
    } as const;
    const answer = await this.stoppable(query_id, signal, () =>
      this.client.query({ ...query, abort_signal: signal, clickhouse_settings }),
    );
    let isWhole = false;
    const lines = answer.stream()[Symbol.asyncIterator]() as AsyncIterator<Row[]>; // its own type says any
    try {
      for (;;) {
        const rows = await this.run(async () => {
          const step = await lines.next();
          return step.done ? undefined : step.value.map((row) => row.json<ClickCell[]>()); // throws for an error's text
        }, signal);
        isWhole = rows === undefined;
        if (!rows) return;
        yield rows;
      }
    } finally {
      answer.close();
      if (!isWhole) this.stop(query_id);
    }
  }

  /** Answers when the rows are written; a failure in between may have written some. */
  async insert(table: string, columns: readonly string[], rows: Iterable<readonly unknown[]>): Promise<void> {
    const values = Readable.from(rows, { objectMode: true });
    const names = columns as [string, ...string[]]; // every table has columns
    await this.run(() => this.client.insert({ table, columns: names, values, format: 'JSONCompactEachRow' }));
  }

  async ping(): Promise<boolean> {
    return (await this.client.ping()).success;
  }

  close(): Promise<void> {
    return this.client.close();
  }

  /** Runs a query that is stopped in the server when nobody waits for it: a server may notice a closed connection late. */
  private async stoppable<T>(queryId: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const stop = (): void => this.stop(queryId);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await this.run(work, signal);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  private stop(queryId: string): void {
    const everywhere = this.options.cluster === undefined ? '' : ` ON CLUSTER ${quoted(this.options.cluster)}`;
    const query = `KILL QUERY${everywhere} WHERE query_id = {id:String} ASYNC`;
    // Who may not do that still has its query ended by its limit of time.
    this.client.command({ query, query_params: { id: queryId } }).catch(() => undefined);
  }

  private async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (signal?.aborted) {
        throw new DeadlineExceeded(
          'query.cancelled',
          'The query was stopped, since nobody waits for its answer any more.',
        );
      }
      throw asClickHouseError(thrown);
    }
  }
}

function asClickHouseError(thrown: unknown): ChartlyError {
  if (thrown instanceof ChartlyError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (!(thrown instanceof ClickHouseError)) {
    return new Unavailable('storage.away', 'ClickHouse does not answer. Look at CHARTLY_EVENTS_URL and the server.', {
      retryAfterMs: RETRY_AFTER_MS,
      cause: thrown,
    });
  }
  if (thrown.code === '243') {
    return new Unavailable('storage.full', 'The disk of ClickHouse is full. Free some space.', {
      retryAfterMs: RETRY_AFTER_MS,
      cause: thrown,
    });
  }
  if (PASSING.has(thrown.code)) {
    return new Unavailable('storage.busy', 'ClickHouse is too busy to answer. Try again shortly.', {
      retryAfterMs: RETRY_AFTER_MS,
      cause: thrown,
    });
  }
  if (thrown.code === '407' || thrown.code === '69') {
    return new Unprocessable('query.invalid', `A value leaves the range of its type: ${message.split('\n')[0]}`, {
      cause: thrown,
    });
  }
  return new Internal('storage.engine', `ClickHouse failed: ${message.split('\n')[0]}`, { cause: thrown });
}
