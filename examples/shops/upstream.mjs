/**
 * A small shop API: OAuth 2.0 client credentials, shops by page number, each shop's orders by cursor, and the readings of
 * a scale as CSV by stretches of time with a Link header.
 *
 *   node examples/shops/upstream.mjs [--host 127.0.0.1] [--port 8098]
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const SHOPS = 5;
const ORDERS = 7;
const PAGE = 3;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2026-01-01T00:00:00Z');
const READINGS_A_DAY = 24;
const READING_DAYS = 10;
const CLIENT = `Basic ${Buffer.from('demo:demo-secret').toString('base64')}`;
const TOKEN = 'demo-token';

const { values } = parseArgs({
  options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '8098' } },
});

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://upstream');
  if (url.pathname === '/token') return token(request, response);
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return send(response, 401, { error: 'Who asks?' });
  const [, , shop] = /^\/shops(\/(s\d)\/orders)?$/.exec(url.pathname) ?? [];
  if (shop) return send(response, 200, orders(shop, Number(url.searchParams.get('after') ?? 0)));
  if (url.pathname === '/shops') return send(response, 200, shops(Number(url.searchParams.get('page') ?? 1)));
  if (url.pathname === '/readings') return readings(url, response);
  return send(response, 404, { error: 'There are /token, /shops, /shops/ID/orders and /readings here.' });
});

function token(request, response) {
  if (request.headers.authorization !== CLIENT) return send(response, 401, { error: 'invalid_client' });
  return send(response, 200, { access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 });
}

/** Two shops a page, and an empty page behind the last. */
const shops = (page) =>
  Array.from({ length: SHOPS }, (_, at) => ({ id: `s${at}`, name: `Shop ${at}` })).slice(2 * page - 2, 2 * page);

function orders(shop, after) {
  const all = Array.from({ length: ORDERS }, (_, at) => ({
    id: `${shop}-o${at}`,
    placed: new Date(FIRST_DAY + at * DAY_MS).toISOString(),
    cents: 100 * (at + 1),
  }));
  const items = all.slice(after, after + PAGE);
  return { items, next: after + PAGE < ORDERS ? after + PAGE : null };
}

/** The readings from `from` to before `to`, twenty a page. */
function readings(url, response) {
  const [from, to] = ['from', 'to'].map((name) => Date.parse(url.searchParams.get(name)));
  const page = Number(url.searchParams.get('page') ?? 1);
  const all = Array.from(
    { length: READING_DAYS * READINGS_A_DAY },
    (_, at) => FIRST_DAY + (at * DAY_MS) / READINGS_A_DAY,
  );
  const some = all.filter((at) => at >= from && at < to);
  const lines = some
    .slice(20 * (page - 1), 20 * page)
    .map((at) => `${new Date(at).toISOString()},${(at / 3_600_000) % 100}`);
  if (some.length > 20 * page) {
    const next = new URL(url);
    next.searchParams.set('page', page + 1);
    response.setHeader('link', `<${next.pathname}${next.search}>; rel="next"`);
  }
  response.writeHead(200, { 'content-type': 'text/csv' }).end(['at,kilograms', ...lines, ''].join('\n'));
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
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
