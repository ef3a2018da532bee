/**
 * A small HTTP server that behaves like the USGS earthquake API (FDSN event service): pages by offset, `updatedafter`,
 * ETag, gzip, and a 429 with Retry-After now and then.
 *
 *   node examples/earthquakes/upstream.mjs [--host 127.0.0.1] [--port 8099] [--throttle-every 7]
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { servedRecords } from './features.mjs';

const PATH = '/fdsnws/event/1/query';
const KNOWN = new Set(['format', 'orderby', 'offset', 'limit', 'updatedafter']);
const LIMIT_MAX = 20_000;

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8099' },
    'throttle-every': { type: 'string', default: '7' },
  },
});
const throttleEvery = Number(values['throttle-every']);
const records = servedRecords();
let requests = 0;

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://upstream');
  if (url.pathname === '/health') return send(response, 200, { status: 'ok' });
  if (url.pathname !== PATH) return send(response, 404, { error: `There is only ${PATH} here.` });
  requests += 1;
  if (throttleEvery > 0 && requests % throttleEvery === 0) {
    return send(response, 429, { error: 'Too many requests.' }, { 'retry-after': '1' });
  }
  const asked = readQuery(url.searchParams);
  if (typeof asked === 'string') return send(response, 400, { error: asked });
  const { body, etag } = page(asked);
  if (request.headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end();
  const headers = { etag, 'content-type': 'application/geo+json; charset=utf-8' };
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return response.writeHead(200, headers).end(body);
  response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(body));
});

/** The asked offset (1 is the first), limit and earliest update; or the sentence that says what is wrong. */
function readQuery(query) {
  for (const name of query.keys()) if (!KNOWN.has(name)) return `There is no parameter "${name}".`;
  if ((query.get('format') ?? 'geojson') !== 'geojson') return 'This server speaks geojson alone.';
  const offset = Number(query.get('offset') ?? 1);
  const limit = Number(query.get('limit') ?? LIMIT_MAX);
  const after = query.has('updatedafter') ? Date.parse(query.get('updatedafter')) : -Infinity;
  if (!Number.isInteger(offset) || offset < 1) return '"offset" is a whole number from 1.';
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) return `"limit" is 1 to ${LIMIT_MAX}.`;
  if (Number.isNaN(after)) return '"updatedafter" is a time, as in 2018-02-01T00:00:00Z.';
  return { offset, limit, after };
}

function page({ offset, limit, after }) {
  const matching = records.filter(({ updated }) => updated > after);
  const features = matching.slice(offset - 1, offset - 1 + limit).map(({ feature }) => feature);
  const metadata = { api: '1.5.8', count: features.length, offset, limit, total: matching.length };
  const body = JSON.stringify({ type: 'FeatureCollection', metadata, features });
  return { body, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` };
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

server.on('error', (error) => {
  process.stderr.write(`upstream: ${error.message}\n`);
  process.exit(1);
});
server.listen(Number(values.port), values.host, () => {
  process.stdout.write(`upstream listening on http://${values.host}:${server.address().port}\n`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
process.on('disconnect', () => process.exit(0));
