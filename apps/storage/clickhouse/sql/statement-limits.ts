import { ClickHouseError, ClickHouseSettings } from '@clickhouse/client';
import { ChartlyError, DeadlineExceeded, Unavailable, Unprocessable } from '#libs/errors/errors';
import { unsupported } from './types';

const MIB = 2 ** 20;
const RETRY_AFTER_MS = 5_000;

/** What a statement may take, and how its words are meant where a server may have been told otherwise. */
export const statementSettings = (project: string, memory: number, timeoutMs: number): ClickHouseSettings => ({
  readonly: '2', // settings may come with the statement, and nothing else
  log_comment: `chartly sql ${project}`,
  cancel_http_readonly_queries_on_client_close: 1,
  max_execution_time: Math.ceil(timeoutMs / 1_000),
  max_memory_usage: String(memory),
  max_bytes_before_external_group_by: String(Math.floor(memory / 2)),
  max_bytes_before_external_sort: String(Math.floor(memory / 2)),
  max_subquery_depth: '200',
  join_use_nulls: 1,
  joined_subquery_requires_alias: 0,
  enable_extended_results_for_datetime_functions: 1, // else the begin of a month before 1970 is in 1970
  transform_null_in: 0,
  aggregate_functions_null_for_empty: 0,
  any_join_distinct_right_table_keys: 0,
  short_circuit_function_evaluation: 'force_enable',
});

/** ClickHouse's codes for what does not fit its type: the statement's writer has to mend it. */
const UNFIT = new Set(['6', '27', '38', '41', '69', '70', '72', '153', '407']);
/** Its codes for what an older server, or this form of a statement, has not. */
const UNABLE = new Set(['42', '43', '44', '46', '48', '53', '115', '167', '168', '306', '386', '403']);
const THROWN = '395';

/** The errors of limits and of values are the same on both engines. */
export function statementError(thrown: unknown, memory: number): unknown {
  const cause = thrown instanceof ChartlyError ? thrown.cause : undefined;
  if (!(cause instanceof ClickHouseError)) return thrown;
  // Behind that ClickHouse tells the statement as it was printed, which is none of its writer's.
  const [message = ''] = cause.message.split(/\n|: (?:In scope|[Ww]hile executing)/);
  switch (cause.code) {
    case THROWN:
      return invalid(/\[\[(.*?)\]\]/.exec(cause.message)?.[1] ?? message, cause);
    case '159':
      return new DeadlineExceeded('query.cancelled', 'The statement was stopped: it took longer than it may.', {
        cause,
      });
    case '241':
      return new Unprocessable(
        'sql.memory',
        `The statement needs more than the ${Math.floor(memory / MIB)} MiB of memory that one may take (CHARTLY_SQL_MEMORY_LIMIT). Ask for less at once.`,
        { cause },
      );
    case '201':
      return new Unavailable('query.busy', 'The quota for statements on ClickHouse is used up. Try again later.', {
        retryAfterMs: RETRY_AFTER_MS,
        cause,
      });
    default:
      if (UNFIT.has(cause.code)) return invalid(message, cause);
      return UNABLE.has(cause.code) ? unsupported(`what it says ("${message.slice(0, 200)}")`) : thrown;
  }
}

const invalid = (reason: string, cause: unknown): Unprocessable =>
  new Unprocessable('sql.invalid', `The statement cannot run: ${reason}`, { cause });
