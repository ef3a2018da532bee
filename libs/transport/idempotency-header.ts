import { IdempotencyKey } from './call-context';

/** How a caller's idempotency key travels from service to service. */
export const IDEMPOTENCY_HEADER = 'chartly-idempotency';

export const idempotencyHeader = ({ scope, key, digest }: IdempotencyKey): string =>
  [digest, scope, key].map(encodeURIComponent).join(' ');

/** The key that a header carries; undefined for one that is none of ours. */
export function readIdempotency(header: string | string[] | undefined): IdempotencyKey | undefined {
  if (typeof header !== 'string') return undefined;
  const [digest, scope, key, ...rest] = header.split(' ').map(decodeURIComponent);
  return digest && scope && key && rest.length === 0 ? { scope, key, digest } : undefined;
}
