import { ChartlyError, Unavailable } from '#libs/errors/errors';

/** SQLSTATE classes and Node's codes that mean "not now", with what they mean. */
const NOT_NOW: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'does not answer',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  ETIMEDOUT: 'does not answer',
  '08000': 'closed the connection',
  '08003': 'closed the connection',
  '08006': 'closed the connection',
  '53100': 'has no disk space left',
  '53200': 'is out of memory',
  '53300': 'has no connection left',
  '55P03': 'is busy with a lock',
  '57014': 'took too long',
  '57P01': 'is shutting down',
  '57P02': 'crashed and recovers',
  '57P03': 'is starting up',
  '40001': 'had a conflict between transactions',
  '40P01': 'had a deadlock between transactions',
};

/** The typed error for a database that is away, full or busy; undefined for any other failure. */
export function databaseError(thrown: unknown): ChartlyError | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const code: unknown = Reflect.get(thrown, 'code');
  const message: unknown = Reflect.get(thrown, 'message');
  const meaning = typeof code === 'string' ? NOT_NOW[code] : undefined;
  const lost =
    typeof message === 'string' && /Connection terminated|timeout exceeded when trying to connect/.test(message);
  if (meaning === undefined && !lost) return undefined;
  return new Unavailable(
    'database.unavailable',
    `The database ${meaning ?? 'closed the connection'}. Try again shortly.`,
    {
      retryAfterMs: 1_000,
      cause: thrown,
    },
  );
}
