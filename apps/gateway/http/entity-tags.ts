import type { FastifyInstance } from 'fastify';
import { hash } from 'node:crypto';
import { BadRequest } from '#libs/errors/errors';
import { ListenerRequest } from '#libs/telemetry/health.controller';

const TAG = /^\s*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)/;
const TAGS_MAX = 50;

/** The tags of an `If-Match` or `If-None-Match` header; `*` for any (RFC 9110 §13.1). Throws BadRequest `etag.malformed`. */
export function readTags(header: string): readonly string[] | '*' {
  if (header.trim() === '*') return '*';
  const tags: string[] = [];
  for (let rest = header; rest !== '';) {
    const [matched, tag] = TAG.exec(rest) ?? [];
    if (matched === undefined || tag === undefined || tags.length === TAGS_MAX) {
      throw new BadRequest(
        'etag.malformed',
        `An If-Match header is "*" or up to ${TAGS_MAX} ETags in quotes, with commas between.`,
      );
    }
    tags.push(tag);
    rest = rest.slice(matched.length);
  }
  return tags;
}

/** Whether `If-None-Match` names this tag; weak comparison (RFC 9110 §8.8.3.2). A malformed header names none. */
export function matchesAny(header: string, etag: string): boolean {
  try {
    const tags = readTags(header);
    return tags === '*' || tags.some((tag) => opaque(tag) === opaque(etag));
  } catch {
    return false;
  }
}

const opaque = (tag: string): string => tag.replace(/^W\//, '');

/**
 * Gives each answer to a GET an ETag, and 304 without a body to who has it already. A route that knows a strong tag sets
 * it itself; the others get a weak one over their content.
 */
export function registerConditionalGet(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request: ListenerRequest, reply, payload: unknown, done) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!request.publicListener || !isRead || reply.statusCode !== 200) return done(null, payload);
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return done(null, payload);
    const given = reply.getHeader('etag');
    const etag = typeof given === 'string' ? given : `W/"${hash('sha256', payload, 'base64url')}"`;
    if (given === undefined) void reply.header('etag', etag);
    if (reply.getHeader('cache-control') === undefined) void reply.header('cache-control', 'private, no-cache');
    const known = request.headers['if-none-match'];
    if (known === undefined || !matchesAny(known, etag)) return done(null, payload);
    void reply.status(304).removeHeader('content-type').removeHeader('content-length');
    done(null, '');
  });
}
