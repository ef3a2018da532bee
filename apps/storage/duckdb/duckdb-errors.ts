import { ChartlyError, Internal, Unavailable, Unprocessable } from '#libs/errors/errors';

const RETRY_AFTER_MS = 5_000;

/** What the engine says, also where its errors are of another realm than this code. */
export function messageOf(thrown: unknown): string {
  const message: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : undefined;
  return typeof message === 'string' ? message : String(thrown);
}

/** After such an error the engine refuses everything until its file is opened anew. */
export const isFatal = (thrown: unknown): boolean =>
  (thrown instanceof AggregateError && thrown.errors.some(isFatal)) ||
  /^FATAL Error|database has been invalidated|TransactionContext Error: Failed to commit|Failed to (commit|rollback)/i.test(
    messageOf(thrown),
  );

/** The engine could not write for lack of room. */
export const isFull = (thrown: unknown): boolean =>
  /no space left|disk full|file too large|could not write|failed to write|write error|quota exceeded/i.test(
    messageOf(thrown),
  );

/** The engine's error as one of ours: what is full, busy or held is retryable, the rest is a fault of this code. */
export function asChartlyError(thrown: unknown, doing: string): ChartlyError {
  if (thrown instanceof ChartlyError) return thrown;
  const message = messageOf(thrown);
  if (isFull(thrown)) {
    return new Unavailable(
      'storage.full',
      `The disk of the event store is full; ${doing} changed nothing. Free some space.`,
      {
        retryAfterMs: RETRY_AFTER_MS,
        cause: thrown,
      },
    );
  }
  if (/could not set lock|conflicting lock|file is already open/i.test(message)) {
    return new Unavailable(
      'storage.held',
      'Another process holds the event store. Stop it, or give this one its own CHARTLY_DATA_DIR.',
      { retryAfterMs: RETRY_AFTER_MS, cause: thrown },
    );
  }
  if (/^Out of Memory Error/i.test(message)) {
    return new Unavailable(
      'storage.memory',
      `${doing} needs more memory than CHARTLY_EVENTS_MEMORY_LIMIT allows. Ask for less at once, or raise it.`,
      { retryAfterMs: RETRY_AFTER_MS, cause: thrown },
    );
  }
  if (/^(Out of Range|Conversion) Error/i.test(message)) {
    return new Unprocessable('query.invalid', `A value leaves the range of its type: ${message.split('\n')[0]}`, {
      cause: thrown,
    });
  }
  if (/^Catalog Error/i.test(message)) {
    return new Unavailable('storage.changed', `The dataset changed while ${doing} went on. Try again.`, {
      retryAfterMs: 100,
      cause: thrown,
    });
  }
  if (isFatal(thrown) || /^(IO|Connection|INTERRUPT) Error/i.test(message)) {
    return new Unavailable('storage.restarting', 'The event store had to be opened anew. Try again shortly.', {
      retryAfterMs: 1_000,
      cause: thrown,
    });
  }
  return new Internal('storage.engine', `The event store failed while ${doing}: ${message.split('\n')[0]}`, {
    cause: thrown,
  });
}
