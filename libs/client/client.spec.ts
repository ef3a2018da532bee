import { createServer, IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answer, ChartlyClient, chartlyClient, RequestRefused } from './client';

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('the client of the API', () => {
  let server: Server;
  let asked: Asked[];
  let reply: (response: ServerResponse) => void;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push({ url: request.url ?? '', headers: request.headers, body });
        reply(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
  });
  beforeEach(() => {
    asked = [];
    reply = (response) => response.setHeader('content-type', 'application/json').end('{"runs":[]}');
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const runs = (client: ChartlyClient): Promise<unknown> =>
    answer(client.GET('/v1/projects/{project}/runs', { params: { path: { project: 'a b' }, query: { limit: 2 } } }));

  it('fills the path, and asks for its key at each request', async () => {
    let at = 0;
    const client = chartlyClient({ url: `${url}/`, key: () => `key-${(at += 1)}` });
    expect(await runs(client)).toEqual({ runs: [] });
    await runs(client);
    expect(asked.map((one) => one.url)).toEqual(Array(2).fill('/v1/projects/a%20b/runs?limit=2'));
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer key-1', 'Bearer key-2']);
    await runs(chartlyClient({ url }));
    expect(asked[2]?.headers.authorization).toBeUndefined();
  });

  it('sends objects as JSON, and texts as they are', async () => {
    const client = chartlyClient({ url });
    await client.POST('/v1/keys', { body: { name: 'x', role: 'viewer', project: 'p' } });
    await client.POST('/v1/projects/{project}/apply', {
      params: { path: { project: 'p' } },
      body: 'kind: Pipeline\n',
      headers: { 'content-type': 'application/yaml' },
    });
    expect(asked.map(({ headers, body }) => [headers['content-type'], body])).toEqual([
      ['application/json', '{"name":"x","role":"viewer","project":"p"}'],
      ['application/yaml', 'kind: Pipeline\n'],
    ]);
  });

  it('throws what the API said, with when to try again', async () => {
    const problem = { type: 't', title: 'Too many', status: 429, code: 'limit.reached', detail: 'Wait.' };
    reply = (response) =>
      response
        .writeHead(429, { 'retry-after': '3', 'content-type': 'application/problem+json' })
        .end(JSON.stringify(problem));
    const refused = await runs(chartlyClient({ url })).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(RequestRefused);
    expect(refused).toMatchObject({
      status: 429,
      code: 'limit.reached',
      message: 'Wait.',
      retryAfterMs: 3_000,
      problem,
    });
  });

  it('tells of an answer that is none of ours by its status', async () => {
    reply = (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>proxy</h1>');
    const refused = runs(chartlyClient({ url }));
    await expect(refused).rejects.toMatchObject({
      status: 502,
      code: 'http.status',
      message: `${url}/v1/projects/a%20b/runs?limit=2 answered 502 Bad Gateway.`,
    });
  });
});
