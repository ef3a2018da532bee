import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BadRequest, UnsupportedMediaType } from '#libs/errors/errors';
import { isBinaryMode } from '#libs/cloudevents/binary-mode';
import { parseJsonBody } from './json-body';

/** What `@RouteConfig` says of a route's body. */
export interface BodyConfig {
  /** The route takes the bytes as they came, of these kinds. */
  readonly raw?: readonly RawKind[];
  /** The route takes no body at all: one that comes is refused and not overlooked. */
  readonly bodiless?: boolean;
}

export type RawKind =
  'json' | 'ndjson' | 'csv' | 'xml' | 'cloudevents' | 'cloudevents-batch' | 'protobuf' | 'yaml' | 'scim' | 'parquet';

const KINDS: Readonly<Record<string, RawKind>> = {
  'application/json': 'json',
  'application/scim+json': 'scim',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/csv': 'csv',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/cloudevents+json': 'cloudevents',
  'application/cloudevents-batch+json': 'cloudevents-batch',
  'application/x-protobuf': 'protobuf',
  'application/vnd.apache.parquet': 'parquet',
  'application/yaml': 'yaml',
  'application/x-yaml': 'yaml',
  'text/yaml': 'yaml',
};

/** The kind that a `Content-Type` header names; undefined for one that we do not read, or in another charset. */
export function kindOf(contentType: string | undefined): RawKind | undefined {
  const match = /^([a-z]+\/[a-z0-9.+-]+)(?:; ?charset="?([a-z0-9-]+)"?)?$/i.exec(withoutKnown(contentType ?? ''));
  const [, type, charset] = match ?? [];
  if (type === undefined || (charset !== undefined && charset.toLowerCase() !== 'utf-8')) return undefined;
  return KINDS[type.toLowerCase()];
}

/** Parameters that say what we take for granted (RFC 4180 §3; remote write 1.0). */
const withoutKnown = (contentType: string): string =>
  contentType.replace(
    /^(text\/csv); ?header=present(?=;|$)|^(application\/x-protobuf); ?proto=prometheus\.WriteRequest$/i,
    '$1$2',
  );

/** Makes the public API read JSON strictly, and hand `raw` routes the bytes as they came. */
export function registerBodyParsers(fastify: FastifyInstance, maxBytes: number): void {
  fastify.removeContentTypeParser('text/plain'); // which fastify would read by itself, whatever the route takes
  for (const type of [...Object.keys(KINDS), '*']) {
    if (fastify.hasContentTypeParser(type)) fastify.removeContentTypeParser(type);
    fastify.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: maxBytes }, (request, body, done) => {
      try {
        done(null, parsed(request, Buffer.from(body)));
      } catch (thrown) {
        done(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    });
  }
}

function parsed(request: FastifyRequest, body: Buffer): unknown {
  const kind = kindOf(request.headers['content-type']);
  const { raw, bodiless } = request.routeOptions.config as BodyConfig; // set by @RouteConfig, empty elsewhere
  if (bodiless) return undefinedUnlessSent(body, kind);
  const accepted: readonly RawKind[] = raw ?? ['json'];
  const isEvent = accepted.includes('cloudevents') && isBinaryMode(request.headers);
  if (isEvent) return body; // whose Content-Type is that of its data
  if (kind === undefined || !accepted.includes(kind)) {
    const types = Object.keys(KINDS).filter((type) => accepted.includes(KINDS[type]!));
    throw new UnsupportedMediaType(
      'body.unsupported',
      `This route takes ${types.join(', ')} in UTF-8; the request says "${request.headers['content-type']}".`,
    );
  }
  return raw ? body : parseJsonBody(body);
}

function undefinedUnlessSent(body: Buffer, kind: RawKind | undefined): undefined {
  if (body.length === 0) return undefined;
  const sentence = 'This route takes no body. Leave it out.';
  if (kind === undefined) throw new UnsupportedMediaType('body.unsupported', sentence);
  throw new BadRequest('body.unexpected', sentence);
}
