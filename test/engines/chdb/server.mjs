/**
 * ClickHouse behind its HTTP interface, as far as the official client speaks it: chdb is ClickHouse in this process.
 * Prints the port that it listens on. The folder of its data is the only argument.
 */
import { Session } from 'chdb';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const [folder] = process.argv.slice(2);
const session = new Session(folder);
/** Parameters of a request that are not settings of the engine. */
const OURS = new Set([
  'query',
  'query_id',
  'database',
  'session_id',
  'default_format',
  'compress',
  'wait_end_of_query',
]);

const literal = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function answer(url, body) {
  const settings = [];
  for (const [name, value] of url.searchParams) {
    if (name.startsWith('param_')) session.query(`SET ${name}=${literal(value)}`);
    else if (!OURS.has(name)) settings.push(`${name}=${/^-?\d+$/.test(value) ? value : literal(value)}`);
  }
  // What is read-only is so for its own query alone, as are its limits: this session goes on after it.
  if (url.searchParams.has('readonly')) return session.query(`${body}\nSETTINGS ${settings.join(', ')}`);
  for (const setting of settings) session.query(`SET ${setting}`);
  const query = url.searchParams.get('query');
  return session.query(query === null ? body : `${query}\n${body}`);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/ping') return response.end('Ok.\n');
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
  try {
    response.setHeader('x-clickhouse-query-id', url.searchParams.get('query_id') ?? '');
    response.end(answer(url, body));
  } catch (thrown) {
    const message = String(thrown.message).replace(/^Query failed: /, '');
    response.statusCode = 500;
    response.setHeader('x-clickhouse-exception-code', /Code: (\d+)/.exec(message)?.[1] ?? '1002');
    response.end(message);
  }
});

server.keepAliveTimeout = 0; // a connection ends with its client alone
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
