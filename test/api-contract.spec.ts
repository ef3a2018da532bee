import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Checkpoint, EntryPage } from '#libs/contracts/audit.contract';
import { ArchiveWork, ArchiveWorks } from '#libs/contracts/archives';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { SourceDrift } from '#libs/contracts/drift';
import { UserView } from '#libs/contracts/auth-users';
import { DocumentView, Plan, Run } from '#libs/contracts/orchestrator.contract';
import { IdentifiedRows } from '#apps/gateway/routes/datasets.controller';
import { SessionAnswer } from '#apps/gateway/routes/login.controller';
import { QuarantinePage, QuarantineTask } from '#libs/contracts/quarantine';
import { RouteExplanation } from '#apps/gateway/routes/routes.controller';
import { Problem } from '#libs/errors/problem';
import { apiDocument } from '#src/api-document';
import {
  driftingPipeline,
  Example,
  TAKES_ANY_NAME,
  EXAMPLES,
  HOOK_SECRET,
  HOOKED_PIPELINE,
  INGEST,
  INVALID,
  isOnesOwn,
  LEAVES_NO_ENTRY,
  RECORDED_READS,
  ONCE,
  PROJECT_IN_HEADER,
  PULLED_PIPELINE,
  SAVED_QUERY,
  World,
} from './contract/examples';
import { changes, filled, OpenApi, Operation } from './contract/openapi';
import { NEVER_PROVOKED, NOT_PROVOKED, PROVOCATIONS } from './contract/provocations';
import { registeredRoutes } from './contract/registered-routes';
import { isPostOrPatch, keepsAnswer, KEEPS_NO_ANSWER, OTHER_BODIES, SAME_FOR_ALL, takesKey } from './contract/repeats';
import { applyMetrics, METRICS_PIPELINE } from './scenarios/pushed-events';
import { Answer, Api } from './support/api';
import { ChartlyUnderTest } from './support/chartly';
import { whileUnderWay } from './support/held-keys';
import { until } from './support/until';

const BODY_MAX_BYTES = 65_536;
/** Operations of the system as a whole that any grant will do for. */
const FOR_ANYBODY = new Set(['getWhoami', 'getRoutesExplain', 'getHealth', 'getAccessCanI']);
/** More than there are operations, and not many more. */
const ADDRESS_MAX = 400;
/** An answer that changes so often tells of the moment and not of a state. */
const TRIES_MAX = 20;
const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';

/** Every operation of /openapi.json, called so that it gives each class of answer; nothing answers what it does not describe. */
describe('the API answers what its document says', () => {
  let chartly: ChartlyUnderTest;
  let upstream: Server;
  let openApi: OpenApi;
  let operations: Operation[];
  let keys: {
    readonly ingest: string;
    readonly viewer: string;
    readonly stranger: string;
    readonly person: string;
    readonly owner: string;
  };
  let world: World;
  let personId: string;

  beforeAll(async () => {
    let asked = 0;
    upstream = createServer(({ url }, response) => {
      const more = url === '/drifting' && (asked += 1) > 1 ? ',"more":1' : '';
      response.end(`[{"id":"a","t":1767225600000,"host":"a","v":1${more}}]`);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo; // it listens on a port
    chartly = await ChartlyUnderTest.start('one process', {
      CHARTLY_BODY_MAX_BYTES: `${BODY_MAX_BYTES}B`,
      CHARTLY_EGRESS_ALLOW: `127.0.0.1:${port}`,
    });
    const { api } = chartly;
    await applyMetrics(api);
    await api.ok('/v1/projects/default/apply', { body: PULLED_PIPELINE, type: 'application/yaml' });
    await api.ok('/v1/projects/default/queries/by_host', {
      method: 'PUT',
      body: SAVED_QUERY,
      type: 'application/json',
    });
    const hookSecret = { body: JSON.stringify({ provider: 'own', value: HOOK_SECRET }), type: 'application/json' };
    await api.ok('/v1/projects/default/secrets/hook', { method: 'PUT', ...hookSecret });
    await api.ok('/v1/projects/default/apply', { body: HOOKED_PIPELINE, type: 'application/yaml' });
    openApi = await OpenApi.read(api);
    ({ operations } = openApi);
    const keyOf = async (role: string, project: string): Promise<CreatedKey> =>
      api.json<CreatedKey>('/v1/keys', { name: `${role} of ${project}`, role, project });
    const spare = await keyOf('viewer', 'default');
    keys = {
      ingest: (await keyOf('ingest', 'default')).key,
      viewer: (await keyOf('viewer', 'default')).key,
      stranger: (await keyOf('admin', 'elsewhere')).key,
      person: '',
      owner: (await keyOf('owner', '*')).key,
    };
    const run = await api.ok<Run>('/v1/projects/default/pipelines/pulled/runs', { method: 'POST' });
    await endRun(run.id);
    const robot = '/v1/projects/default/service-accounts/robot';
    await api.json(robot, {}, { method: 'PUT' });
    await api.json('/v1/users', { name: 'spare' });
    for (const place of ['/v1', '/v1/projects/default']) {
      await api.json(`${place}/roles/bound`, { rules: [{ permissions: ['pipelines:read'] }] }, { method: 'PUT' });
      const binding = { role: 'bound', subjects: [{ kind: 'user', name: 'spare' }] };
      await api.json(`${place}/bindings/bound`, binding, { method: 'PUT' });
    }
    const person = { name: 'person', password: 'correct horse battery staple' };
    ({ id: personId } = await api.json<UserView>('/v1/users', person));
    keys = { ...keys, person: (await api.json<SessionAnswer>('/v1/login', person, { key: null })).accessToken ?? '' };
    const { id: accountKey } = await api.json<CreatedKey>(`${robot}/keys`, { name: 'robot' });
    const { record, task } = await quarantined(api);
    const row = await stored(api);
    const spareArchive = await archived(api);
    const archive = await archived(api);
    const { size } = await api.ok<Checkpoint>('/v1/audit/checkpoint');
    const names = {
      project: 'default',
      pipeline: 'metrics',
      dataset: 'metrics',
      kind: 'pipelines',
      name: 'metrics',
      account: 'robot',
      user: 'spare',
    };
    world = {
      params: { ...names, run: run.id, key: spare.id, index: '0', record, task, row, archive },
      logSize: size,
      accountKey,
      spareArchive,
      driftId: await drifted(api, `http://127.0.0.1:${port}/drifting`),
      upstream: `http://127.0.0.1:${port}/`,
    };
  });
  afterAll(async () => {
    await chartly.end();
    await new Promise((resolve) => upstream.close(resolve));
  });

  /** A record that could not become a row, and a retry of it. */
  async function quarantined(api: Api): Promise<{ record: string; task: string }> {
    await api.send('/v1/projects/default/pipelines/metrics/events', {
      body: '{"id":"bad","host":"a","v":1}\n',
      type: 'application/x-ndjson',
    });
    const { id: record } = await until('a record to be in quarantine', async () => {
      const { records } = await api.ok<QuarantinePage>('/v1/projects/default/quarantine?pipeline=metrics');
      return records[0];
    });
    const selection = { pipeline: 'metrics', records: [record] };
    const { id: task } = await api.json<QuarantineTask>('/v1/projects/default/quarantine/retry', selection);
    return { record, task };
  }

  /** The id of a row that is stored. */
  async function stored(api: Api): Promise<string> {
    await api.send('/v1/projects/default/pipelines/metrics/events', {
      body: '{"id":"kept","t":1767225600000,"host":"a","v":1}\n',
      type: 'application/x-ndjson',
    });
    return until('a row to be stored', async () => {
      const find = { key: { id: 'kept' }, limit: 1 };
      const { ids } = await api.json<IdentifiedRows>('/v1/projects/default/datasets/metrics/find', find);
      return ids[0];
    });
  }

  /** The id of an archive that is whole. */
  async function archived(api: Api): Promise<string> {
    const path = '/v1/projects/default/datasets/metrics/archives';
    const { archive } = await api.json<ArchiveWork>(path, {});
    return until('an archive to be whole', async () => {
      const { work } = await api.ok<ArchiveWorks>(path);
      return work.find((one) => one.state === 'done')?.archive === archive ? archive : undefined;
    });
  }

  /** A pull that learned what the records look like, and one that found them changed. */
  async function drifted(api: Api, url: string): Promise<string> {
    await api.ok('/v1/projects/default/apply', { body: driftingPipeline(url), type: 'application/yaml' });
    const pipeline = '/v1/projects/default/pipelines/drifting';
    const { id } = await api.ok<Run>(`${pipeline}/runs`, { method: 'POST' });
    await until('the first pull to end', async () => {
      const { endedAt } = await api.ok<Run>(`/v1/projects/default/runs/${id}`);
      return endedAt;
    });
    await api.ok(`${pipeline}/runs`, { method: 'POST' });
    return until('the drift to be seen', async () => (await api.ok<SourceDrift>(`${pipeline}/drift`)).id);
  }

  /** Asks a run to stop and waits until it has. */
  async function endRun(id: string): Promise<void> {
    await chartly.api.ok(`/v1/projects/default/runs/${id}/cancel`, { method: 'POST' });
    await until(`the run ${id} to end`, async () => {
      const { endedAt } = await chartly.api.ok<Run>(`/v1/projects/default/runs/${id}`);
      return endedAt;
    });
  }

  const exampleOf = (operation: Operation): Example => EXAMPLES[operation.id]?.(world) ?? {};

  /** The statuses that each operation has answered with. */
  const reached = new Map<string, Set<number>>();

  function reach<T>({ id }: Operation, answer: Answer<T>): Answer<T> {
    reached.set(id, (reached.get(id) ?? new Set()).add(answer.status));
    return answer;
  }

  async function call(operation: Operation, example: Example, key?: string | null): Promise<Answer<Problem>> {
    const path = filled(operation.path, { ...world.params, ...example.params });
    const query = new URLSearchParams(example.query).toString();
    const { body, type, headers } = example;
    const answer = await chartly.api.send<Problem>(query === '' ? path : `${path}?${query}`, {
      method: operation.verb,
      body,
      type,
      headers,
      key: key === undefined && isOnesOwn(operation.id) ? keys.person : key,
    });
    return reach(operation, answer);
  }

  /** Calls each operation, and tells every answer that has another status or is not as described. */
  async function every(
    chosen: (operation: Operation) => boolean,
    status: number | ((operation: Operation) => number),
    how: (operation: Operation) => Promise<Answer<unknown>>,
  ): Promise<string[]> {
    const wrong: string[] = [];
    let asked = 0;
    for (const operation of operations.filter(chosen)) {
      const answer = await how(operation);
      const wanted = typeof status === 'number' ? status : status(operation);
      asked += 1;
      if (answer.status !== wanted) {
        wrong.push(
          `${operation.verb} ${operation.path} answered ${answer.status} instead of ${wanted}: ${JSON.stringify(answer.body)?.slice(0, 300)}`,
        );
      }
      wrong.push(...openApi.differences(operation, answer));
    }
    expect(asked).toBeGreaterThan(0);
    return wrong;
  }

  const successOf = ({ responses }: Operation): number => Number(Object.keys(responses).find((code) => code < '300'));
  const isInProject = (one: Operation): boolean => one.path.includes('{project}') || PROJECT_IN_HEADER.has(one.id);
  const isSecured = ({ isOpen }: Operation): boolean => !isOpen;

  it('is described by all roles together as by the gateway alone, which the client is made from', async () => {
    expect(await chartly.api.ok('/openapi.json', { key: null })).toEqual(await apiDocument());
  });

  it('has an example of each operation that changes something', () => {
    const lacking = operations.filter(
      (one) => changes(one) && !(one.id in EXAMPLES) && !ONCE.has(one.id) && !isOnesOwn(one.id),
    );
    expect(lacking.map(({ id }) => `${id}: add it to test/contract/examples.ts`)).toEqual([]);
    const known = new Set(operations.map(({ id }) => id));
    expect(Object.keys(EXAMPLES).filter((id) => !known.has(id))).toEqual([]);
  });

  it('401: knows no one without a credential, or with a wrong one', async () => {
    expect(await every(isSecured, 401, (one) => call(one, exampleOf(one), null))).toEqual([]);
    expect(await every(isSecured, 401, (one) => call(one, exampleOf(one), 'ck_wrong'))).toEqual([]);
  });

  it('403: names the permission that is lacking', async () => {
    const takesOne = (one: Operation): boolean =>
      isSecured(one) && one.id !== 'getWhoami' && one.id !== 'getAccessCanI';
    const wrong = await every(takesOne, 403, async (operation) => {
      const key = INGEST.has(operation.id) ? keys.viewer : keys.ingest;
      const answer = await call(operation, exampleOf(operation), key);
      if (isOnesOwn(operation.id)) expect(answer.body.code).toBe('auth.no_user');
      else expect([operation.id, answer.body.permission]).toEqual([operation.id, expect.stringMatching(/^\w+:\w+$/)]);
      return answer;
    });
    expect(wrong).toEqual([]);
  });

  it("404: hides another project's things as if there were none", async () => {
    expect(await every(isInProject, 404, (one) => call(one, exampleOf(one), keys.stranger))).toEqual([]);
  });

  it("404: knows nothing of one project under another's path, for who may do all in that other", async () => {
    const named = (one: Operation): boolean => {
      const places = [...one.path.matchAll(/\{(\w+)\}/g)].map(([, place]) => place);
      return places.includes('project') && places.length > 1 && !TAKES_ANY_NAME.has(one.id);
    };
    const ask = (one: Operation): Promise<Answer<unknown>> => {
      const example = exampleOf(one);
      return call(one, { ...example, params: { ...example.params, project: 'elsewhere' } }, keys.stranger);
    };
    expect(await every(named, 404, ask)).toEqual([]);
  });

  it("200: lists nothing of one project under another's path, and nothing of any to who has a part of it", async () => {
    const lists = operations.filter(
      (one) => one.verb === 'GET' && /^\/v1\/projects\/\{project\}\/[^{]*$/.test(one.path),
    );
    expect(lists.length).toBeGreaterThan(3);
    for (const one of lists) {
      const example = exampleOf(one);
      const here = await call(one, example);
      const there = await call(one, { ...example, params: { ...example.params, project: 'elsewhere' } }, keys.stranger);
      expect([one.id, here.status, there.status]).toEqual([one.id, 200, 200]);
      for (const mark of [
        'metrics',
        'pulled',
        'robot',
        ...Object.values(world.params).filter((id) => id.length === 36),
      ]) {
        expect([one.id, mark, JSON.stringify(there.body).includes(mark)]).toEqual([one.id, mark, false]);
      }
    }
  });

  it('403: gives who has all of one project nothing of the system as a whole', async () => {
    const ofSystem = (one: Operation): boolean => isSecured(one) && !isInProject(one) && !FOR_ANYBODY.has(one.id);
    expect(await every(ofSystem, 403, (one) => call(one, exampleOf(one), keys.stranger))).toEqual([]);
  });

  it.each([
    'pipeline',
    'name',
    'run',
    'key',
    'rollup',
    'query',
    'secret',
    'role',
    'binding',
    'account',
    'user',
    'group',
    'provider',
    'session',
    'passkey',
    'row',
  ])('404: knows no other {%s}', async (param) => {
    const has = (one: Operation): boolean => one.path.includes(`{${param}}`) && !TAKES_ANY_NAME.has(one.id);
    const unknown = { [param]: ['run', 'key', 'session'].includes(param) ? UNKNOWN_ID : 'unknown' };
    const ask = (one: Operation): Promise<Answer<unknown>> => {
      const example = exampleOf(one);
      return call(one, { ...example, params: { ...example.params, ...unknown } });
    };
    expect(await every(has, 404, ask)).toEqual([]);
  });

  it('400: refuses a query parameter that it does not know', async () => {
    const ask = (one: Operation): Promise<Answer<unknown>> => {
      const example = exampleOf(one);
      return call(one, { ...example, query: { ...example.query, surely_unknown: '1' } });
    };
    expect(await every(() => true, 400, ask)).toEqual([]);
  });

  it('400: refuses a parameter that its pattern does not fit', async () => {
    const has = (one: Operation): boolean => one.path.includes('{');
    const ask = (one: Operation): Promise<Answer<unknown>> => {
      const example = exampleOf(one);
      const [, last = ''] = /.*\{(\w+)\}/.exec(one.path) ?? [];
      return call(one, { ...example, params: { ...example.params, [last]: 'NOT~one' } });
    };
    expect(await every(has, 400, ask)).toEqual([]);
  });

  it('400: refuses a malformed Idempotency-Key', async () => {
    const ask = (one: Operation): Promise<Answer<unknown>> =>
      call(one, { ...exampleOf(one), headers: { 'idempotency-key': 'two words' } });
    expect(await every(changes, 400, ask)).toEqual([]);
  });

  it('413: takes no body over the limit', async () => {
    const ask = (one: Operation): Promise<Answer<unknown>> =>
      call(one, { type: 'application/json', ...exampleOf(one), body: ' '.repeat(BODY_MAX_BYTES + 1) });
    expect(await every(changes, 413, ask)).toEqual([]);
  });

  it('415: takes no body of another type, charset or coding', async () => {
    for (const [type, headers] of [
      ['text/plain', {}],
      ['application/json; charset=latin1', {}],
      ['application/json', { 'content-encoding': 'deflate' }],
    ] as const) {
      const takesSome = (one: Operation): boolean => changes(one) && (type === 'text/plain' || one.body !== undefined);
      expect(await every(takesSome, 415, (one) => call(one, { ...exampleOf(one), body: '{}', type, headers }))).toEqual(
        [],
      );
    }
  });

  it('400: takes no body where none is asked for, and none that is not JSON where JSON is', async () => {
    const bodiless = (one: Operation): boolean => changes(one) && one.body === undefined;
    expect(
      await every(bodiless, 400, (one) => call(one, { ...exampleOf(one), body: '{}', type: 'application/json' })),
    ).toEqual([]);
    const json = (one: Operation): boolean => one.body?.['application/json']?.schema.$ref !== undefined;
    for (const body of ['{"a":', '{"a":1,"a":2}', '{"__proto__":{}}', '{"a":"\\ud800"}', '['.repeat(100)]) {
      expect(await every(json, 400, (one) => call(one, { ...exampleOf(one), body, type: 'application/json' }))).toEqual(
        [],
      );
    }
  });

  it('422: refuses a body that is well-formed and not valid, naming the place', async () => {
    const takes = (one: Operation): boolean => one.body !== undefined && !INGEST.has(one.id);
    const wrong = await every(takes, 422, async (one) => {
      const example = INVALID[one.id] ?? { body: '{"surely_unknown":1}', type: 'application/json' };
      const answer = await call(one, { ...exampleOf(one), ...example });
      expect([one.id, answer.body.errors?.length ?? 0]).toEqual([one.id, expect.any(Number)]);
      expect(answer.body.detail).not.toBe('');
      return answer;
    });
    expect(wrong).toEqual([]);
  });

  it('rule 7: 422 to another body under the same key, and the first answer to the same one', async () => {
    const path = '/v1/projects/default/apply';
    const send = (body: string): Promise<Answer<Problem>> =>
      chartly.api.send<Problem>(path, { body, type: 'application/yaml', headers: { 'idempotency-key': 'again' } });
    const first = await send(METRICS_PIPELINE);
    expect(first.status).toBe(200);
    expect((await send(METRICS_PIPELINE)).body).toEqual(first.body);
    expect(await send(PULLED_PIPELINE)).toMatchObject({ status: 422, body: { code: 'idempotency.other_body' } });
  });

  it('rule 7: starts one run for one key, however often it is sent', async () => {
    const send = (): Promise<Answer<Run>> =>
      chartly.api.send<Run>('/v1/projects/default/pipelines/pulled/runs', {
        method: 'POST',
        headers: { 'idempotency-key': 'one-run' },
      });
    const answers = [await send(), ...(await Promise.all([send(), send(), send()]))];
    const runs = answers.filter(({ status }) => status === 202).map(({ body }) => body.id);
    expect(new Set(runs).size).toBe(1);
    for (const { status } of answers) expect([202, 409]).toContain(status);
    const [run = ''] = runs;
    await endRun(run);
  });

  it('412: replaces and deletes only the version that the caller has seen', async () => {
    const { api } = chartly;
    const path = '/v1/projects/default/documents/schemas/seen';
    const schema = (type: string): string =>
      `apiVersion: chartly.io/v1\nkind: Schema\nmetadata: { name: seen, project: default }\nspec: { version: 1, jsonSchema: { type: object, properties: { id: { type: ${type} } } } }\n`;
    const put = (body: string, headers: Readonly<Record<string, string>>): Promise<Answer<Problem>> =>
      api.send<Problem>(path, { method: 'PUT', body, type: 'application/yaml', headers });
    const made = await put(schema('string'), { 'if-none-match': '*' });
    expect(made.status).toBe(200);
    const etag = made.headers.get('etag') ?? '';
    expect((await api.send<DocumentView>(path)).headers.get('etag')).toBe(etag);
    expect((await put(schema('string'), { 'if-none-match': '*' })).status).toBe(412);
    expect((await put(schema('string'), { 'if-match': '"other"' })).status).toBe(412);
    expect((await put(schema('string'), { 'if-match': 'unquoted' })).status).toBe(400);
    expect((await put(schema('string'), { 'if-match': `"other", ${etag}` })).status).toBe(200);
    expect((await api.send(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const other = await put(schema('string').replace('seen', 'unseen'), {});
    expect([other.status, other.body.code]).toEqual([422, 'document.other']);
    expect((await api.send(path, { method: 'DELETE', headers: { 'if-match': '"other"' } })).status).toBe(412);
    expect((await api.send(path, { method: 'DELETE', headers: { 'if-match': `"other", ${etag}` } })).status).toBe(204);
  });

  it('409: refuses a plan that moved on between', async () => {
    const { api } = chartly;
    const { basis } = await api.ok<Plan>('/v1/projects/default/plan', {
      body: METRICS_PIPELINE,
      type: 'application/yaml',
    });
    const again = await api.send('/v1/projects/default/apply', {
      body: METRICS_PIPELINE,
      type: 'application/yaml',
      headers: { 'chartly-plan-basis': basis },
    });
    expect(again.status).toBe(200);
  });

  it('304: has nothing to add for who has the answer already', async () => {
    const isTagged = ({ responses, id }: Operation): boolean => '304' in responses && !(`304 ${id}` in NOT_PROVOKED);
    const wrong = await every(isTagged, 304, async (one) => {
      /* What goes on meanwhile may change an answer between two questions: then it is asked for again. */
      for (let tries = 0, first = await call(one, exampleOf(one)); ; tries += 1) {
        const etag = first.headers.get('etag') ?? '';
        const again = await call(one, { ...exampleOf(one), headers: { 'if-none-match': etag } });
        if (again.status !== 200 || again.headers.get('etag') === etag || tries === TRIES_MAX) return again;
        first = again;
      }
    });
    expect(wrong).toEqual([]);
  });

  interface Entry {
    readonly requestId?: string;
    readonly outcome: string;
    readonly action: string;
    readonly reason?: string;
  }

  async function entriesByRequest(): Promise<Map<string, Entry[]>> {
    const found = new Map<string, Entry[]>();
    for (let from: number | undefined = 0; from !== undefined;) {
      const page: EntryPage = await chartly.api.ok<EntryPage>(`/v1/audit/entries?limit=1000&from=${from}`);
      for (const { leaf } of page.entries) {
        const entry = JSON.parse(leaf) as Entry;
        const { requestId = 'none' } = entry;
        found.set(requestId, [...(found.get(requestId) ?? []), entry]);
      }
      from = page.next;
    }
    return found;
  }

  /** Waits until the log has an entry of each request, by name of what it asked for. */
  const auditedAll = (requests: ReadonlyMap<string, string>): Promise<true> => {
    let lacking: string[] = [];
    return until(
      () => `the audit log to have ${lacking.join(', ')}`,
      async () => {
        const entries = await entriesByRequest();
        lacking = [...requests].flatMap(([request, name]) => (entries.has(request) ? [] : [name]));
        return lacking.length === 0 ? true : undefined;
      },
    );
  };

  it('rule 7: keeps its answers under an Idempotency-Key, or has a reason not to', () => {
    const without = operations.filter((one) => isPostOrPatch(one) && !keepsAnswer(one)).map(({ id }) => id);
    expect(without.filter((id) => !(id in KEEPS_NO_ANSWER))).toEqual([]);
    expect(new Set(Object.keys(KEEPS_NO_ANSWER))).toEqual(new Set(without));
    const bodies = operations.filter((one) => keepsAnswer(one) && one.body !== undefined).map(({ id }) => id);
    expect(new Set(Object.keys(OTHER_BODIES))).toEqual(new Set(bodies));
    expect(operations.filter((one) => takesKey(one) && !changes(one))).toEqual([]);
  });

  it('describes every route that changes something, but for those of SCIM, which the RFC describes', () => {
    const described = new Set(operations.map(({ verb, path }) => `${verb} ${path}`));
    const others = registeredRoutes()
      .filter(({ verb }) => verb !== 'GET')
      .map(({ verb, path }) => `${verb} ${path}`)
      .filter((route) => !described.has(route));
    const one = '/scim/v2/{resource}/{id}';
    expect(others.sort()).toEqual([`DELETE ${one}`, `PATCH ${one}`, 'POST /scim/v2/{resource}', `PUT ${one}`]);
  });

  it('rule 7: keeps the answers of SCIM too', async () => {
    const { api } = chartly;
    const scim = (path: string, verb: string, key: string, body: object): Promise<Answer<Problem & { id: string }>> =>
      api.send(`/scim/v2/${path}`, {
        method: verb,
        body: JSON.stringify(body),
        type: 'application/scim+json',
        headers: { 'idempotency-key': key },
      });
    const requests: [string, number][] = [];
    const twice = async (path: string, verb: string, body: object): Promise<string> => {
      const first = await scim(path, verb, `scim-${verb}`, body);
      expect([verb, first.status]).toEqual([verb, verb === 'POST' ? 201 : 200]);
      const again = await scim(path, verb, `scim-${verb}`, body);
      expect([verb, again.status, again.body]).toEqual([verb, first.status, first.body]);
      const other = await scim(path, verb, `scim-${verb}`, { ...body, more: 1 });
      expect([verb, other.status, other.body.code]).toEqual([verb, 422, 'idempotency.other_body']);
      requests.push([first.headers.get('x-request-id')!, 1], [again.headers.get('x-request-id')!, 0]);
      return first.body.id;
    };
    const id = await twice('Users', 'POST', { userName: 'sent.again' });
    await twice(`Users/${id}`, 'PATCH', { Operations: [{ op: 'replace', path: 'displayName', value: 'Again' }] });
    await auditedAll(new Map(requests.flatMap(([request, n]) => (n === 0 ? [] : [[request, 'SCIM'] as const]))));
    const entries = await entriesByRequest();
    expect(requests.map(([request]) => entries.get(request)?.length ?? 0)).toEqual(requests.map(([, n]) => n));
  });

  it('rule 7: 409 while the first request under a key is under way, wherever answers are kept', async () => {
    const key = 'under-way';
    const pathOf = (one: Operation): string => filled(one.path, { ...world.params, ...exampleOf(one).params });
    const callers = ['local:local', `user:${personId}`];
    const scopes = operations
      .filter(keepsAnswer)
      .flatMap((one) => callers.map((who) => `${who} ${one.verb} ${pathOf(one)}`));
    const wrong = await whileUnderWay(chartly.dataDir, { scopes, key }, () =>
      every(keepsAnswer, 409, async (one) => {
        const other = isOnesOwn(one.id) ? { body: OTHER_BODIES[one.id], type: 'application/json' } : {};
        const answer = await call(one, { ...exampleOf(one), ...other, headers: { 'idempotency-key': key } });
        const retryAfter = answer.headers.get('retry-after');
        expect([one.id, answer.body.code, retryAfter]).toEqual([one.id, 'idempotency.in_flight', '1']);
        return answer;
      }),
    );
    expect(wrong).toEqual([]);
  });

  /** What an operation that has answered under a key must do when the key comes again. */
  async function repeat(
    one: Operation,
    keyed: Example,
    first: Answer<unknown>,
  ): Promise<[request: string, leaves: number[]][]> {
    const again = await call(one, keyed);
    expect([one.id, again.status, again.body]).toEqual([one.id, first.status, first.body]);
    const body = OTHER_BODIES[one.id];
    if (body !== undefined) {
      const other = await call(one, { ...keyed, body });
      expect([one.id, other.status, other.body.code]).toEqual([one.id, 422, 'idempotency.other_body']);
    }
    const anothers = await call(one, keyed, keys.owner);
    if (anothers.status >= 300)
      expect([one.id, anothers.body.code]).not.toEqual([one.id, expect.stringMatching(/^idempotency/)]);
    const leaves =
      anothers.status >= 300 || LEAVES_NO_ENTRY.has(one.id) ? [0] : SAME_FOR_ALL.has(one.id) ? [0, 1] : [1];
    return [
      [again.headers.get('x-request-id')!, [0]],
      [anothers.headers.get('x-request-id')!, leaves],
    ];
  }

  it('succeeds with the example of each operation, answers as described, and leaves one audit entry of each change, however often it is sent', async () => {
    const asked: [id: string, request: string, leaves: boolean][] = [];
    const repeated: [id: string, request: string, leaves: number[]][] = [];
    const ask = async (one: Operation): Promise<Answer<unknown>> => {
      const example = exampleOf(one);
      const headers = { ...example.headers, 'idempotency-key': `example-${one.id}` };
      const keyed = keepsAnswer(one) ? { ...example, headers } : example;
      const answer = await call(one, keyed);
      asked.push([one.id, answer.headers.get('x-request-id')!, changes(one) || RECORDED_READS.has(one.id)]);
      if (keyed !== example && answer.status < 300) {
        for (const [request, leaves] of await repeat(one, keyed, answer)) repeated.push([one.id, request, leaves]);
      }
      return answer;
    };
    /* What is deleted goes last. */
    const deletes = (one: Operation): boolean => one.verb === 'DELETE' && !isOnesOwn(one.id);
    const rest = (one: Operation): boolean => !deletes(one) && !ONCE.has(one.id) && !isOnesOwn(one.id);
    expect(await every(rest, successOf, ask)).toEqual([]);
    await until('the archives and restores to end, which hold what they read', async () => {
      const { work } = await chartly.api.ok<ArchiveWorks>('/v1/projects/default/datasets/metrics/archives');
      return work.every(({ state }) => state !== 'running') || undefined;
    });
    expect(await every(deletes, successOf, ask)).toEqual([]);
    const expected = asked.map(([id, , change]) => [id, change && !LEAVES_NO_ENTRY.has(id) ? 1 : 0]);
    const audited = asked.filter(([id, , change]) => change && !LEAVES_NO_ENTRY.has(id));
    const others = repeated.filter(([, , [least]]) => least === 1);
    await auditedAll(new Map([...audited, ...others].map(([id, request]) => [request, id])));
    const entries = await entriesByRequest();
    for (const [id, request, leaves] of repeated) {
      const left = entries.get(request)?.length ?? 0;
      expect([id, left, leaves.includes(left)]).toEqual([id, left, true]);
    }
    expect(asked.map(([id, request]) => [id, entries.get(request)?.length ?? 0])).toEqual(expected);
    /* What a route leaves is what it declares, so that `simulate` knows of each change what it took. */
    for (const [id, request] of asked) {
      const declared = operations.find((one) => one.id === id)?.['x-audit-actions'] ?? [];
      const undeclared = (entries.get(request) ?? []).filter(({ action }) => !declared.includes(action));
      expect([id, undeclared]).toEqual([id, []]);
    }
    expect(
      [...entries.values()].flat().filter(({ outcome }) => outcome !== 'denied' && outcome !== 'succeeded'),
    ).toEqual([]);
  });

  it('leaves exactly one audit entry of each denial, with the permission that was lacking', async () => {
    const requests = new Map<string, string>();
    const takesOne = ({ id }: Operation): boolean => !isOnesOwn(id) && !['getWhoami', 'getAccessCanI'].includes(id);
    const isDenied = (one: Operation): boolean => isSecured(one) && takesOne(one);
    await every(isDenied, 403, async (operation) => {
      const key = INGEST.has(operation.id) ? keys.viewer : keys.ingest;
      const answer = await call(operation, exampleOf(operation), key);
      requests.set(answer.headers.get('x-request-id')!, operation.id);
      return answer;
    });
    await auditedAll(requests);
    const entries = await entriesByRequest();
    for (const request of requests.keys()) {
      expect(entries.get(request)).toMatchObject([{ outcome: 'denied', action: 'access.deny' }]);
      expect(entries.get(request)![0]!.reason).toMatch(/^lacks \w+:\w+$/);
    }
  });

  it('refuses as described, each for a reason of its own', async () => {
    const wrong: string[] = [];
    for (const { id, status, before, example, as } of PROVOCATIONS) {
      const operation = operations.find((one) => one.id === id)!; // the last test tells of one that is none
      if (before) {
        const first = await call(operation, { ...exampleOf(operation), ...before });
        expect([id, first.status]).toEqual([id, successOf(operation)]);
      }
      const given = { ...exampleOf(operation), ...example(world) };
      const answer = await call(operation, given, as === undefined ? undefined : keys[as]);
      if (answer.status !== status) {
        wrong.push(`${id} answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
      }
      wrong.push(...openApi.differences(operation, answer));
    }
    expect(wrong).toEqual([]);
  });

  it('429: every operation of a key that made its requests, with when to go on', async () => {
    const limited = await ChartlyUnderTest.start('one process', {
      CHARTLY_LIMIT_KEY: '1/h',
      CHARTLY_LIMIT_ADDRESS: `${ADDRESS_MAX}/h`,
    });
    try {
      const { key } = await limited.api.json<CreatedKey>('/v1/keys', { name: 'limited', role: 'admin', project: '*' });
      const first = await limited.api.send('/v1/whoami', { key });
      expect([first.status, first.headers.get('ratelimit')]).toEqual([200, '"key";r=0;t=3600']);
      expect(first.headers.get('ratelimit-policy')).toBe(`"address";q=${ADDRESS_MAX};w=3600, "key";q=1;w=3600`);
      const ask = async (one: Operation): Promise<Answer<unknown>> => {
        const example = exampleOf(one);
        const query = new URLSearchParams(example.query).toString();
        const path = filled(one.path, { ...world.params, ...example.params });
        const { body, type, headers } = example;
        const answer = await limited.api.send<Problem>(query === '' ? path : `${path}?${query}`, {
          method: one.verb,
          body,
          type,
          headers,
          key: one.isOpen ? null : key,
        });
        const least = one.isOpen ? 1 : 3_000;
        expect([one.id, Number(answer.headers.get('retry-after')) >= least]).toEqual([one.id, true]);
        return reach(one, answer);
      };
      expect(await every(isSecured, 429, ask)).toEqual([]);
      const other = await limited.api.json<CreatedKey>('/v1/keys', { name: 'other', role: 'viewer', project: '*' });
      expect((await limited.api.send('/v1/whoami', { key: other.key })).status).toBe(200);
      for (let { status } = first; status !== 429;) ({ status } = await limited.api.send('/v1/whoami', { key: null }));
      expect(await every(({ isOpen, id }) => isOpen && !(`429 ${id}` in NOT_PROVOKED), 429, ask)).toEqual([]);
    } finally {
      await limited.end();
    }
  });

  it('explains what a request would meet, for oneself, a role or a key', async () => {
    const { api } = chartly;
    const explain = (
      as: string,
      method = 'POST',
      path = '/v1/projects/default/apply',
    ): Promise<Answer<RouteExplanation>> =>
      api.send<RouteExplanation>(
        `/v1/routes/explain?${new URLSearchParams({ method, path, ...(as === '' ? {} : { as }) }).toString()}`,
      );
    expect((await explain('')).body).toMatchObject({
      route: '/v1/projects/:project/apply',
      permission: 'pipelines:write',
      project: 'default',
      priority: 'control',
      verdict: 'allowed',
      limits: [{ name: 'address' }, { name: 'user' }, { name: 'project', count: 10_000, perSeconds: 1 }],
    });
    expect((await explain('role:viewer@default')).body).toMatchObject({ verdict: 'denied' });
    expect((await explain('role:editor@elsewhere')).body).toMatchObject({ verdict: 'stranger' });
    const { id } = await api.json<CreatedKey>('/v1/keys', { name: 'asked for', role: 'editor', project: 'default' });
    expect((await explain(`key:${id}`)).body).toMatchObject({ verdict: 'allowed', as: 'asked for' });
    expect((await explain('', 'POST', '/v1/setup')).body).toMatchObject({ verdict: 'public', isPublic: true });
    expect((await explain('', 'POST', '/v1/nothing')).status).toBe(404);
    expect((await explain('role:king@default')).status).toBe(404);
    expect((await explain(`key:${UNKNOWN_ID}`)).status).toBe(404);
    const asViewer = await api.send(`/v1/routes/explain?method=GET&path=/v1/keys&as=key:${id}`, { key: keys.viewer });
    expect(asViewer.status).toBe(403);
  });

  it('takes a receipt for a compressed body like for a plain one', async () => {
    const { gzipSync } = await import('node:zlib');
    const answer = await chartly.api.send<AcceptReceipt>('/v1/projects/default/pipelines/metrics/events', {
      body: gzipSync('{"id":"z","t":1767225600000,"host":"a","v":1}\n'),
      type: 'application/x-ndjson',
      headers: { 'content-encoding': 'gzip' },
    });
    expect([answer.status, answer.body.accepted]).toEqual([202, 1]);
  });

  it('answers somewhere above with each status that is described, or there is a reason why not', () => {
    const described = operations.flatMap(({ id, responses }) =>
      Object.keys(responses).map((status) => `${status} ${id}`),
    );
    const isReached = (one: string): boolean => {
      const [status = '', id = ''] = one.split(' ');
      return status in NEVER_PROVOKED || (reached.get(id)?.has(Number(status)) ?? false);
    };
    expect(described.filter((one) => !isReached(one) && !(one in NOT_PROVOKED))).toEqual([]);
    const known = new Set(described);
    expect(Object.keys(NOT_PROVOKED).filter((one) => isReached(one) || !known.has(one))).toEqual([]);
    expect(PROVOCATIONS.map(({ id, status }) => `${status} ${id}`).filter((one) => !known.has(one))).toEqual([]);
  });
});
