import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace context of a request (W3C Trace Context, version 00): the caller's when it is well-formed, else a new one. */
export function traceparentOf(header: string | string[] | undefined): string {
  if (typeof header === 'string' && TRACEPARENT.test(header)) return header;
  const [trace, span] = [randomHex(), randomHex().slice(0, 16)];
  return `00-${trace}-${span}-01`;
}

/** From a UUID, which Node draws many at a time: 122 random bits, and never all zero. */
const randomHex = (): string => randomUUID().replaceAll('-', '');

/** The trace id of a well-formed trace context. */
export const traceIdOf = (traceparent: string): string => traceparent.split('-')[1] ?? '';

/**
 * The trace context of a request, which it has from now on: whoever asks the request again, in its log lines or for the
 * calls that it makes, gets the same one.
 */
export function pinTraceparent(headers: IncomingHttpHeaders): string {
  const traceparent = traceparentOf(headers.traceparent);
  headers.traceparent = traceparent;
  return traceparent;
}
