import { CreatedKey } from '#libs/contracts/auth.contract';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { Problem } from '#libs/errors/problem';
import { applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';
import { Api } from './support/api';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly security?: unknown; readonly parameters: unknown[] }>>>
  >;
}

const EVENTS = '/v1/projects/default/pipelines/metrics/events';
const NDJSON = 'application/x-ndjson';

/** What carries a proof of its own: a signature, a setup token, a password, a session's token, a provider's answer. */
const OPEN = [
  'post /v1/hooks/{hook}',
  'post /v1/setup',
  'post /v1/login',
  'post /v1/login/passkey/options',
  'post /v1/login/passkey',
  'post /v1/session/refresh',
  'post /v1/logout',
  'get /v1/login/oidc/{provider}',
  'get /v1/login/oidc/{provider}/callback',
  'get /v1/login/oidc/{provider}/logout',
  'get /.well-known/jwks.json',
];

describe('the public API', () => {
  let chartly: ChartlyUnderTest;
  let api: Api;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    api = chartly.api;
    await applyMetrics(api);
  });
  afterAll(() => chartly.end());

  const keyFor = (role: string, project: string): Promise<CreatedKey> =>
    api.json<CreatedKey>('/v1/keys', { name: `${role} of ${project}`, role, project });

  it('refuses the character U+0000 wherever something is looked for by a text', async () => {
    for (const path of ['/v1/audit/entries?action=%00', '/v1/projects/default/documents?cursor=%00']) {
      const { status, body } = await api.send<Problem>(path);
      expect([path, status, body.code]).toEqual([path, 400, 'request.invalid']);
    }
  });

  it('describes every route in OpenAPI 3.1, and lets nobody in without a key but where it says so', async () => {
    const { openapi, paths } = await api.ok<OpenApi>('/openapi.json', { key: null });
    expect(openapi).toBe('3.1.0');
    const open: string[] = [];
    for (const [path, operations] of Object.entries(paths)) {
      for (const [verb, { security }] of Object.entries(operations)) {
        const url = path.replaceAll(/\{\w+\}/g, 'x');
        const { status } = await api.send(url, { method: verb.toUpperCase(), key: null });
        if (security === undefined) open.push(`${verb} ${path}`);
        else expect([verb, path, status]).toEqual([verb, path, 401]);
      }
    }
    expect(open.sort()).toEqual([...OPEN].sort());
  });

  it('names the permission that a key lacks, and hides the projects in which it holds nothing', async () => {
    const { key } = await keyFor('viewer', 'default');
    const denied = await api.send<Problem>(EVENTS, { key, body: ndjson([eventAt(0)]), type: NDJSON });
    expect(denied).toMatchObject({ status: 403, body: { code: 'auth.denied', permission: 'events:write' } });
    const hidden = await api.send<Problem>('/v1/projects/elsewhere/documents', { key });
    expect(hidden).toMatchObject({ status: 404, body: { code: 'project.unknown' } });
  });

  it('stops a revoked key within 5 s', async () => {
    const { id, key } = await keyFor('viewer', 'default');
    expect((await api.send('/v1/whoami', { key })).status).toBe(200);
    await api.ok(`/v1/keys/${id}`, { method: 'DELETE' });
    await until('the revoked key to be refused', async () => {
      const { status } = await api.send('/v1/whoami', { key });
      return status === 401 ? true : undefined;
    });
  });

  it('rule 7: the same idempotency key and bytes give the first receipt, other bytes 422', async () => {
    const send = (body: string) =>
      api.send<AcceptReceipt & Problem>(EVENTS, { body, type: NDJSON, headers: { 'idempotency-key': 'once' } });
    const first = await send(ndjson([eventAt(1), eventAt(2)]));
    expect(first).toMatchObject({ status: 202, body: { accepted: 2, repeated: false } });
    expect((await send(ndjson([eventAt(1), eventAt(2)]))).body).toMatchObject({
      batchId: first.body.batchId,
      repeated: true,
    });
    expect((await send(ndjson([eventAt(3)]))).status).toBe(422);
  });

  it('takes NDJSON, a JSON array and one JSON object', async () => {
    for (const [type, body] of [
      [NDJSON, ndjson([eventAt(10)])],
      ['application/json', JSON.stringify([eventAt(11), eventAt(12)])],
      ['application/json', JSON.stringify(eventAt(13))],
    ] as const) {
      expect((await api.send(EVENTS, { body, type })).status).toBe(202);
    }
    expect(await settledLedger(api, 'metrics')).toMatchObject({ balanced: true, problems: [] });
  });

  it.each([
    ['an empty body', NDJSON, '', 400],
    ['JSON that does not close', 'application/json', '[{"id":1}', 400],
    ['another content type', 'text/html', '<p>', 415],
    ['trailing garbage in the type', 'application/json x', '{}', 415],
    ['a body nested too deep', NDJSON, `${'['.repeat(80)}${']'.repeat(80)}\n`, 400],
  ])('refuses %s whole, with a sentence', async (_what, type, body, status) => {
    const answer = await api.send<Problem>(EVENTS, { body, type });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.detail.length).toBeGreaterThan(10);
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
  });

  it('names the wrong place of a question, and the nearest name', async () => {
    const question = JSON.stringify({ dataset: 'metrics', measures: { peak: 'max(valeu)' } });
    const answer = await api.send<Problem>('/v1/projects/default/query', { body: question, type: 'application/json' });
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain('value');
  });

  it('knows a document by its ETag, and refuses to delete one that moved on', async () => {
    const path = '/v1/projects/default/documents/pipelines/metrics';
    const { headers } = await api.send(path);
    expect(headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/);
    expect((await api.send(path, { method: 'DELETE', headers: { 'if-match': '"other"' } })).status).toBe(412);
  });
});
