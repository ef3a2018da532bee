import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DocumentKind } from '#libs/documents/pipeline';
import { ChartlyError, Conflict, NotFound, PreconditionFailed, Unavailable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { orchestratorMigrations } from '../orchestrator.migrations';
import { gate, Neighbours, openOrchestrator, until } from '../orchestrator.testing';
import { RunRecord } from '../runs/run.entity';
import { DocumentRecord, DocumentVersion } from './document.entity';

interface Options {
  readonly bucket?: string;
  readonly schedule?: string;
  readonly source?: string;
  readonly validate?: string;
}

const pipeline = ({ bucket = '1h', schedule, source, validate }: Options = {}): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: metrics }
spec:
  ${schedule ? `schedule: ${schedule}` : ''}
  ${source ? `source: { http: { url: '${source}' } }` : ''}
  steps:
    - map: { id: raw.id, time: timestamp_ms(raw.t), value: double(raw.v) }
    ${validate ? `- validate: { schema: ${validate} }` : ''}
  store: { dataset: metrics, time: time, key: [id], columns: { id: string, time: timestamp, value: double? } }
  rollups: [{ name: hourly, bucket: ${bucket}, measures: { n: count() } }]
`;
const connection = (url: string): string => `
apiVersion: chartly.io/v1
kind: Connection
metadata: { name: api }
spec: { url: '${url}' }
`;
const schema = (version: number, property = 'id'): string => `
apiVersion: chartly.io/v1
kind: Schema
metadata: { name: metric }
spec: { version: ${version}, jsonSchema: { type: object, properties: { ${property}: { type: string } } } }
`;
const PUSH = { source: 'https://x.example/items' };
const INSTALLS = [
  'normalizer.check',
  'storage.checkDataset',
  'storage.installDataset', // whether the dataset can hold it, before anything is written down
  'storage.installDataset',
  'normalizer.install',
  'analytics.install',
  'observer.watch',
  'connector-hub.install',
];

const WAITING_LOCKS = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;

async function errorOf(work: Promise<unknown>): Promise<ChartlyError> {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof ChartlyError) return thrown;
    throw thrown;
  }
  throw new Error('an error was expected');
}

describe('documents', () => {
  let test: TestDatabase;
  let database: DataSource;
  let neighbours: Neighbours;
  let project: string;
  let numbered = 0;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    test = await openTestDatabase([orchestratorMigrations], [DocumentRecord, DocumentVersion, RunRecord]);
    database = test.dataSource;
  });
  afterAll(() => test.stop());
  beforeEach(() => {
    neighbours = new Neighbours();
    project = `p${(numbered += 1)}`;
  });

  const open = () => openOrchestrator(database, neighbours);
  const ref = (kind: DocumentKind = 'Pipeline', name = 'metrics') => ({ project, kind, name });
  const audited = () =>
    database.query<{ body: Record<string, unknown> }[]>(
      `SELECT body FROM orchestrator.outbox WHERE body->>'project' = $1 ORDER BY created_at`,
      [project],
    );

  describe('plan', () => {
    it('says what applying does, and changes nothing', async () => {
      const { service } = open();
      const { documents } = await service.plan({ project, text: pipeline({ ...PUSH, schedule: '{ every: 5m }' }) });
      expect(documents).toMatchObject([
        { kind: 'Pipeline', name: 'metrics', change: 'create', toVersion: 1, fields: [] },
      ]);
      expect(documents[0]?.effects).toEqual([
        'dataset metrics can hold 3 columns',
        'computes rollup hourly from the rows that are there',
        'pulls from https://x.example/items',
        'starts pulling every 5m, at once for the first time',
      ]);
      expect(await service.documents({ project })).toEqual({ documents: [] });
      expect(neighbours.of(project)).toEqual(['normalizer.check', 'storage.checkDataset']);
    });

    it('passes on where expressions can fail, which keeps nobody from applying', async () => {
      const { service } = open();
      const warnings = [{ path: 'spec.steps[0].map.x', message: 'computes with raw.a' }];
      neighbours.check = () => Promise.resolve({ problems: [], warnings });
      const { documents } = await service.plan({ project, text: pipeline(PUSH) });
      expect(documents[0]?.warnings).toEqual(['spec.steps[0].map.x: computes with raw.a']);
      expect(await service.apply({ project, text: pipeline(PUSH) })).toMatchObject({ documents: [{ version: 1 }] });
    });

    it('names each changed field and only the effects of the change', async () => {
      const { service } = open();
      await service.apply({ project, text: pipeline({ ...PUSH, schedule: '{ every: 5m }' }) });
      const text = pipeline({ ...PUSH, schedule: '{ every: 10m }', bucket: '1d' });
      const { documents } = await service.plan({ project, text });
      expect(documents).toMatchObject([
        {
          change: 'update',
          fromVersion: 1,
          toVersion: 2,
          fields: [
            { path: 'spec.schedule.every', before: '5m', after: '10m' },
            { path: 'spec.rollups[0].bucket', before: '1h', after: '1d' },
          ],
          effects: ['recomputes rollup hourly', 'pulls every 10m instead of every 5m, at once for the first time'],
        },
      ]);
    });

    it('tells what does not compile beside what does not parse', async () => {
      neighbours.check = () =>
        Promise.resolve({ problems: [{ path: 'spec.steps[0].map.id', message: 'no such key' }] });
      const error = await errorOf(
        open().service.plan({ project, text: `${pipeline()}---${pipeline().replace('metrics }', 'm2 }')}` }),
      );
      expect(error.code).toBe('document.invalid');
      expect(error.details.fields?.map(({ path }) => path)).toEqual([
        'Pipeline/metrics: spec.steps[0].map.id',
        'Pipeline/m2: spec.steps[0].map.id',
      ]);
    });
  });

  describe('plan of a dataset', () => {
    it('tells what the dataset cannot become, before anything changes', async () => {
      const sentence = 'Dataset "metrics" holds "value" as int. Store into a new one instead, as in "metrics_v2".';
      neighbours.breaks = [sentence];
      const error = await errorOf(open().service.plan({ project, text: pipeline() }));
      expect(error.details.fields).toEqual([{ path: 'Pipeline/metrics: spec.store', message: sentence }]);
    });
  });

  describe('apply', () => {
    it('installs from the back to the front and leaves one audit entry a change', async () => {
      const { service } = open();
      const principal = { kind: 'key', id: 'k1', name: 'ada', grants: [] } as const;
      const applied = await withCall({ principal }, () => service.apply({ project, text: pipeline(PUSH) }));
      expect(applied.documents).toMatchObject([{ name: 'metrics', version: 1, change: 'create', active: true }]);
      expect(neighbours.of(project)).toEqual(INSTALLS);
      const view = await service.document(ref());
      expect(view).toMatchObject({
        version: 1,
        state: 'active',
        appliedBy: 'ada',
        digest: applied.documents[0]?.digest,
      });
      expect((await audited()).map(({ body }) => body)).toMatchObject([
        { action: 'documents.create', target: `Pipeline/${project}/metrics`, actor: { id: 'k1' }, after: view.digest },
      ]);
    });

    it('rule 7: does what waits for its turn as who asked for it, under their own key', async () => {
      const { service } = open();
      const names = ['ada', 'bob', 'eve', 'ida'];
      const applied = await Promise.all(
        names.map((name) =>
          withCall(
            {
              principal: { kind: 'key', id: name, name, grants: [] },
              requestId: `of ${name}`,
              idempotency: { scope: `apply to ${project}`, key: name, digest: name },
            },
            () => service.apply({ project, text: schema(1).replace('metric', name) }),
          ),
        ),
      );
      expect(applied.map(({ documents }) => documents.map(({ name }) => name))).toEqual(names.map((name) => [name]));
      for (const name of names) expect(await service.document(ref('Schema', name))).toMatchObject({ appliedBy: name });
      const entries = (await audited()).map(({ body }) => body);
      expect(entries.map(({ actor, target, requestId }) => [(actor as { id: string }).id, target, requestId])).toEqual(
        names.map((name) => [name, `Schema/${project}/${name}`, `of ${name}`]),
      );
    });

    it('changes nothing when nothing changed', async () => {
      const { service } = open();
      await service.apply({ project, text: pipeline(PUSH) });
      neighbours.heard.length = 0;
      const again = await service.apply({ project, text: pipeline(PUSH) });
      expect(again.documents).toMatchObject([{ version: 1, change: 'unchanged', active: true }]);
      expect(neighbours.of(project)).toEqual(['normalizer.check', 'storage.checkDataset']);
      expect(await audited()).toHaveLength(1);
    });

    it('names the service that it waits for, and goes on behind what has acknowledged, in whichever process', async () => {
      neighbours.away.add('observer');
      const applied = await open().service.apply({ project, text: pipeline(PUSH) });
      expect(applied.documents).toMatchObject([{ version: 1, active: false }]);
      expect(await open().service.document(ref())).toMatchObject({
        state: 'installing',
        waitingFor: expect.stringContaining('observer'),
      });
      neighbours.heard.length = 0;
      await open().installer.finish();
      expect(neighbours.of(project)).toEqual([]);
      neighbours.away.clear();
      const other = open();
      await other.installer.finish();
      expect(neighbours.of(project)).toEqual(['observer.watch', 'connector-hub.install']);
      const view = await other.service.document(ref());
      expect(view.state).toBe('active');
      expect(view.waitingFor).toBeUndefined();
    });

    it('writes nothing down when the dataset cannot hold it', async () => {
      neighbours.away.add('storage');
      expect(await errorOf(open().service.apply({ project, text: pipeline(PUSH) }))).toBeInstanceOf(Unavailable);
      expect((await open().service.documents({ project })).documents).toEqual([]);
      expect(await audited()).toEqual([]);
    });

    it('does what was planned and refuses when the world moved on', async () => {
      const { service } = open();
      const text = pipeline({ source: '${connection.api}/items' });
      await service.apply({ project, text: connection('https://a.example') });
      const { basis } = await service.plan({ project, text });
      await service.apply({ project, text: connection('https://b.example') });
      const error = await errorOf(service.apply({ project, text, basis }));
      expect(error).toBeInstanceOf(Conflict);
      expect(error.code).toBe('plan.moved');
      const again = await service.plan({ project, text });
      expect((await service.apply({ project, text, basis: again.basis })).documents).toMatchObject([{ version: 1 }]);
    });

    it('gives each of many concurrent applies a version of its own, however few connections there are', async () => {
      const few = await new DataSource({
        type: 'postgres',
        url: test.appUrl,
        entities: [DocumentRecord, DocumentVersion, RunRecord],
        extra: { max: 3 },
      }).initialize();
      try {
        neighbours.check = async () => {
          await few.query('SELECT 1'); // in one process the services share the pool
          return { problems: [] };
        };
        const both = [openOrchestrator(few, neighbours), openOrchestrator(database, neighbours)];
        const applied = await Promise.all(
          Array.from({ length: 16 }, (_, at) =>
            both[at % 2]!.service.apply({ project, text: pipeline({ ...PUSH, bucket: `${at + 1}h` }) }),
          ),
        );
        const versions = applied.map(({ documents }) => documents[0]?.version ?? 0).sort((a, b) => a - b);
        expect(versions).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
        expect(await both[0]!.service.document(ref())).toMatchObject({ version: 16, state: 'active' });
        expect(await audited()).toHaveLength(16);
      } finally {
        await few.destroy();
      }
    });

    it('tells a service last of the last version, although another process was still installing the one before', async () => {
      const told: number[] = [];
      const door = gate();
      const install = neighbours.hub.install.bind(neighbours.hub);
      jest.spyOn(neighbours.hub, 'install').mockImplementation(async (request) => {
        if (request.version === 1) await door.arrive();
        told.push(request.version);
        return install(request);
      });
      const first = open().service.apply({ project, text: pipeline(PUSH) });
      await door.reached;
      const second = open().service.apply({ project, text: pipeline({ ...PUSH, bucket: '2h' }) });
      await until(async () => told.length > 0 || (await database.query<object[]>(WAITING_LOCKS)).length > 0);
      door.open();
      await Promise.all([first, second]);
      expect(told).toEqual([1, 2]);
      expect(await open().service.document(ref())).toMatchObject({ version: 2, state: 'active' });
    });
  });

  describe('what documents refer to', () => {
    it('gives a pipeline a new version when its connection changes, and says so', async () => {
      const { service } = open();
      await service.apply({
        project,
        text: `${connection('https://a.example')}---${pipeline({ source: '${connection.api}/items' })}`,
      });
      const { documents } = await service.plan({ project, text: connection('https://b.example') });
      expect(documents.map(({ kind, change, effects }) => ({ kind, change, effects }))).toEqual([
        { kind: 'Connection', change: 'update', effects: [] },
        {
          kind: 'Pipeline',
          change: 'update',
          effects: [
            'gets a new version because Connection api changes',
            'pulls from https://b.example/items instead of https://a.example/items',
          ],
        },
      ]);
      const applied = await service.apply({ project, text: connection('https://b.example') });
      expect(applied.documents).toMatchObject([{ kind: 'Connection' }, { kind: 'Pipeline', version: 2, active: true }]);
    });

    it('leaves pipelines out of it when their connection stays as it is', async () => {
      const { service } = open();
      const text = connection('https://a.example');
      await service.apply({ project, text: `${text}---${pipeline({ source: '${connection.api}/items' })}` });
      expect((await service.apply({ project, text })).documents).toMatchObject([{ change: 'unchanged' }]);
    });

    it('never lets a version of a schema change, even behind a later one', async () => {
      const { service } = open();
      await service.apply({ project, text: schema(1) });
      await service.apply({ project, text: schema(2) });
      expect((await service.apply({ project, text: schema(1) })).documents).toMatchObject([
        { change: 'unchanged', version: 1 },
      ]);
      const error = await errorOf(service.apply({ project, text: schema(1, 'other') }));
      expect(error.message).toContain('give the changed schema version 2');
    });

    it('takes several versions of a schema in one text, again and again', async () => {
      const { service } = open();
      const text = `${schema(1)}---${schema(2)}---${pipeline({ validate: 'metric@1' })}`;
      const first = await service.apply({ project, text });
      expect(first.documents).toMatchObject([{ version: 1 }, { version: 2 }, { version: 1 }]);
      const again = await service.apply({ project, text });
      expect(again.documents.map(({ change, version }) => [change, version])).toEqual([
        ['unchanged', 1],
        ['unchanged', 2],
        ['unchanged', 1],
      ]);
    });

    it('refuses a schema version that breaks the compatibility it promises, naming the place', async () => {
      const { service } = open();
      const promising = (version: number, more: string, size: string, mode = ', compatibility: backward'): string => `
apiVersion: chartly.io/v1
kind: Schema
metadata: { name: promise }
spec: { version: ${version}${mode}, jsonSchema: { type: object, additionalProperties: false${more}, properties: { size: ${size} } } }
`;
      await service.apply({ project, text: promising(1, '', '{ type: integer }') });
      await service.apply({ project, text: promising(2, '', '{ type: number }') });
      const narrower = promising(3, ', required: [size]', '{ type: integer }', '');
      const refused = await errorOf(service.plan({ project, text: narrower }));
      expect(refused.details.fields?.map(({ path }) => path)).toEqual([
        'Schema/promise: spec.jsonSchema.required',
        'Schema/promise: spec.jsonSchema.properties.size.type',
      ]);
      await service.apply({
        project,
        text: promising(3, ', required: [size]', '{ type: integer }', ', compatibility: none'),
      });
    });

    it('keeps what is in use, and forgets what is deleted', async () => {
      const { service } = open();
      await service.apply({ project, text: `${schema(1)}---${schema(2)}---${pipeline({ validate: 'metric@1' })}` });
      const inUse = await errorOf(service.remove(ref('Schema', 'metric')));
      expect([inUse.code, inUse.message]).toEqual(['document.in_use', expect.stringContaining('metrics')]);
      await service.remove(ref());
      await service.remove(ref('Schema', 'metric'));
      const missing = await errorOf(service.plan({ project, text: pipeline({ validate: 'metric@1' }) }));
      expect(missing.message).toContain('there is no Schema metric@1');
      const again = await service.apply({ project, text: schema(1, 'other') });
      expect(again.documents).toMatchObject([{ change: 'create', version: 3 }]);
      const gone = await errorOf(service.plan({ project, text: pipeline({ validate: 'metric@2' }) }));
      expect(gone.message).toContain('there is no Schema metric@2');
    });
  });

  describe('remove', () => {
    it('takes a pipeline back from the front, so that nothing is let in that nobody would work on', async () => {
      const { service } = open();
      await service.apply({ project, text: pipeline(PUSH) });
      neighbours.heard.length = 0;
      expect(await errorOf(service.remove({ ...ref(), ifMatch: 'another' }))).toBeInstanceOf(PreconditionFailed);
      const { digest } = await service.document(ref());
      await service.remove({ ...ref(), ifMatch: digest });
      expect(neighbours.of(project)).toEqual([
        'connector-hub.remove',
        'observer.unwatch',
        'analytics.remove',
        'normalizer.remove',
      ]);
      expect(await errorOf(service.document(ref()))).toBeInstanceOf(NotFound);
      expect((await audited()).at(-1)?.body).toMatchObject({ action: 'documents.delete', before: digest });
    });

    it('goes on counting versions when a name comes back', async () => {
      const { service } = open();
      await service.apply({ project, text: pipeline(PUSH) });
      await service.apply({ project, text: pipeline({ ...PUSH, bucket: '2h' }) });
      await service.remove(ref());
      const { documents } = await service.plan({ project, text: pipeline(PUSH) });
      expect(documents).toMatchObject([{ change: 'create', toVersion: 3 }]);
      expect((await service.apply({ project, text: pipeline(PUSH) })).documents).toMatchObject([
        { change: 'create', version: 3, active: true },
      ]);
    });

    it('finishes by itself once the missing service is back, and until then lets nobody bring the name back', async () => {
      const { service, installer } = open();
      await service.apply({ project, text: pipeline(PUSH) });
      neighbours.away.add('analytics');
      const waiting = await errorOf(service.remove(ref()));
      expect([waiting.code, waiting.message]).toEqual(['document.removing', expect.stringContaining('analytics')]);
      expect(await service.document(ref())).toMatchObject({
        state: 'removing',
        waitingFor: expect.stringContaining('analytics'),
      });
      expect((await errorOf(service.apply({ project, text: pipeline(PUSH) }))).code).toBe('document.removing');
      expect((await errorOf(service.startRun({ project, pipeline: 'metrics' }))).code).toBe('pipeline.unknown');
      neighbours.away.clear();
      await installer.finish();
      expect((await service.documents({ project })).documents).toEqual([]);
      expect((await audited()).filter(({ body }) => body.action === 'documents.delete')).toHaveLength(1);
    });
  });

  it('finishes what can be finished beside what cannot', async () => {
    const { service, installer } = open();
    const stuck = `${project}stuck`;
    neighbours.away.add('analytics');
    await service.apply({ project: stuck, text: pipeline(PUSH) });
    await service.apply({ project, text: pipeline(PUSH) });
    neighbours.away.clear();
    jest
      .spyOn(neighbours.analytics, 'install')
      .mockImplementation((request) =>
        request.project === stuck ? Promise.reject(new Conflict('rollup.taken', 'It is taken.')) : Promise.resolve({}),
      );
    await installer.finish();
    expect(await service.document(ref())).toMatchObject({ state: 'active' });
    expect(await service.document({ ...ref(), project: stuck })).toMatchObject({
      waitingFor: 'analytics: It is taken.',
    });
  });

  it('lists page by page', async () => {
    const { service } = open();
    await service.apply({ project, text: `${schema(1)}---${connection('https://a.example')}---${pipeline()}` });
    const kinds: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await service.documents({ project, limit: 1, cursor });
      kinds.push(...page.documents.map(({ kind }) => kind));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(kinds).toEqual(['Connection', 'Pipeline', 'Schema']);
    expect((await errorOf(service.documents({ project, cursor: 'nonsense' }))).code).toBe('cursor.malformed');
  });
});
