import type { FastifyInstance } from 'fastify';
import { ListenerRequest } from '#libs/telemetry/health.controller';

const NOTHING_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/** The reference page brings its scripts as files; its styles it writes itself. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const YEAR_SECONDS = 31_536_000;

interface SecurityHeaders {
  /** People reach the API by https, so browsers are told never to try http again. */
  readonly https: boolean;
  /** Pages of other origins may read answers, as far as CORS lets them. */
  readonly crossOrigin: boolean;
}

/** What browsers may do with an answer of the public API: next to nothing. A page of ours says for itself what it needs. */
export function registerSecurityHeaders(fastify: FastifyInstance, { https, crossOrigin }: SecurityHeaders): void {
  const headers: Readonly<Record<string, string>> = {
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': crossOrigin ? 'cross-origin' : 'same-origin',
    ...(https ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}; includeSubDomains` } : {}),
  };
  fastify.addHook('onSend', (request: ListenerRequest, reply, payload, done) => {
    if (!request.publicListener) return done(null, payload);
    void reply.headers(headers);
    if (reply.getHeader('cache-control') === undefined) void reply.header('cache-control', 'no-store');
    if (reply.getHeader('content-security-policy') === undefined) {
      void reply.header('content-security-policy', request.url.startsWith('/docs') ? DOCS_CSP : NOTHING_CSP);
    }
    done(null, payload);
  });
}
