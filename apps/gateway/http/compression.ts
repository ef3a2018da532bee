import compress from '@fastify/compress';
import type { FastifyInstance, onSendHookHandler } from 'fastify';
import { constants } from 'node:zlib';

/** Below this a compressed answer is no smaller in packets. */
const COMPRESS_FROM_BYTES = 1_024;
/** Whole answers in text; streams that somebody watches are not held back. */
const COMPRESSED_TYPES =
  /^(?:application\/(?:[\w.-]+\+)?(?:json|yaml|javascript)|text\/(?:html|css|javascript|yaml))\b/;
const BROTLI_QUALITY = 4;

/** Compresses answers for those who take them so, on the routes that are added from now on. */
export async function registerCompression(fastify: FastifyInstance): Promise<void> {
  await fastify.register(compress, {
    encodings: ['br', 'gzip'],
    threshold: COMPRESS_FROM_BYTES,
    customTypes: COMPRESSED_TYPES,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
    globalDecompression: false,
  });
  fastify.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') route.onSend = [route.onSend ?? []].flat().map(unlessSmall); // which has one of its own
  });
}

/** The plugin looks at six headers before it looks at the size. */
function unlessSmall(hook: onSendHookHandler): onSendHookHandler {
  return function (request, reply, payload, done) {
    if (typeof payload === 'string' && Buffer.byteLength(payload) < COMPRESS_FROM_BYTES) done(null, payload);
    else return hook.call(this, request, reply, payload, done);
  };
}
