import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { Outbox } from '#libs/database/outbox';
import type { Drift } from '#libs/documents/sources/common';
import { loadConfig } from '#libs/config/load';
import { AuthContract } from '#libs/contracts/auth.contract';
import { Unprocessable } from '#libs/errors/errors';
import { Secrets } from '#libs/secrets/secrets';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { connectorHubMigrations } from '../connector-hub.migrations';
import { Segments } from '../archive/segments';
import { Backlog } from '../inbox/backlog';
import { Dispatcher } from '../inbox/dispatcher';
import { Inbox } from '../inbox/inbox';
import { InstalledSources } from '../sources/installed-sources';
import { jsonParts } from '../sources/record-parts';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../sources/source-reader';
import { SourceReaders } from '../sources/source-readers';
import { Checkpoints } from './checkpoints';
import { Idempotency } from '#libs/idempotency/idempotency';
import { Drifts } from './drifts';
import { Puller } from './puller';
import { StoredBatches } from '../inbox/stored-batches';

const NAME = { project: 'default', pipeline: 'counted' };
const PAGES = 4;

interface CountState {
  readonly pages: number;
}

/** A source that counts: four pages of three records, and an account of what was acknowledged. */
class CountingReader extends SourceReader<'http', CountState> {
  readonly acknowledged: number[] = [];
  readonly asked: unknown[] = [];
  left = 0;
  pages = PAGES;
  beforePage: (page: number) => Promise<void> | void = () => undefined;
  shape: (page: SourcePage<CountState>) => SourcePage<CountState> = (page) => page;

  async *read({
    source,
    state: { pages = 0 },
  }: ReadRequest<unknown, CountState>): AsyncGenerator<SourcePage<CountState>, ReadEnd> {
    this.asked.push(source);
    try {
      for (let page = pages; page < this.pages; page += 1) {
        await this.beforePage(page);
        const records = [0, 1, 2].map((at) => ({ id: page * 3 + at }));
        yield this.shape({
          parts: jsonParts(records),
          count: records.length,
          bytes: 100,
          state: { pages: page + 1 },
          acknowledge: async () => {
            this.acknowledged.push(page);
            return Promise.resolve();
          },
        });
      }
      return { done: true };
    } finally {
      this.left += 1;
    }
  }

  positionOf({ pages }: Partial<CountState>): string | undefined {
    return pages === undefined ? undefined : `page ${pages}`;
  }
}

describe('a pull', () => {
  let test: TestDatabase;
  let database: DataSource;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    test = await openTestDatabase([connectorHubMigrations]);
    ({ database } = test);
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    for (const table of ['batches', 'checkpoints', 'pipelines', 'sources', 'drifts', 'outbox']) {
      await database.query(`DELETE FROM connector_hub.${table}`);
    }
    const source = { http: { url: 'http://127.0.0.1:9/' } };
    await new InstalledSources(database).install({ ...NAME, version: 1, source });
  });

  /** One process's puller over the shared database. */
  function open(reader: CountingReader, settings: Partial<ChartlyConfig> = {}) {
    const config = Object.assign(loadConfig({}), settings);
    const backlog = new Backlog(database, config);
    const queue = { addBulk: async () => Promise.resolve() };
    const stored = new StoredBatches(database, new Segments(database, undefined as never));
    const inbox = new Inbox(database, new Ids(), backlog, new Dispatcher(database, queue as never), stored); // only `addBulk`, and no segments
    const readers = Object.assign(Object.create(SourceReaders.prototype) as SourceReaders, {
      byKind: { http: reader },
    });
    const secret = async ({ name }: { name: string }) =>
      Promise.resolve({ value: `the value of ${name}`, version: 1, validUntil: '2100-01-01T00:00:00.000Z' });
    const secrets = new Secrets({ secret } as unknown as AuthContract, new Clock(), config); // only that is used
    const sources = new InstalledSources(database);
    return new Puller(sources, readers, new Checkpoints(database), inbox, new Clock(), secrets, drifts());
  }

  const drifts = () =>
    new Drifts(
      database,
      new Ids(),
      new AuditTrail(new Outbox('connector_hub'), new Clock(), new Ids()),
      new Idempotency('connector_hub'),
    );

  const slice = (puller: Puller) => puller.slice({ ...NAME, version: 1, runId: randomUUID(), sliceMs: 60_000 });
  const held = async (): Promise<number> => {
    const [row] = await database.query<[{ n: number }]>(
      'SELECT coalesce(sum(count), 0)::int AS n FROM connector_hub.batches',
    );
    return row.n;
  };
  const stateOf = async (): Promise<object | undefined> => {
    const rows = await database.query<{ state: object }[]>('SELECT state FROM connector_hub.checkpoints');
    return rows[0]?.state;
  };

  it('shows the source the values of its secrets, and keeps them nowhere', async () => {
    const source = { http: { url: 'http://127.0.0.1:9/', headers: { authorization: 'Bearer ${secret.token}' } } };
    await new InstalledSources(database).install({ ...NAME, version: 1, source });
    const reader = new CountingReader();
    await slice(open(reader));
    expect(reader.asked).toMatchObject([{ http: { headers: { authorization: 'Bearer the value of token' } } }]);
    for (const table of ['sources', 'checkpoints', 'batches']) {
      const rows = await database.query<object[]>(`SELECT * FROM connector_hub.${table}`);
      expect(JSON.stringify(rows)).not.toContain('the value of');
    }
  });

  it('tells of a failure without the secrets that the source repeats', async () => {
    const source = { http: { url: 'http://127.0.0.1:9/', headers: { authorization: 'Bearer ${secret.token}' } } };
    await new InstalledSources(database).install({ ...NAME, version: 2, source });
    const reader = new CountingReader();
    reader.beforePage = () => {
      const coded = Buffer.from('user:the value of token').toString('base64');
      throw new Unprocessable('pull.refused', `It refused "the value of token", ${coded}.`);
    };
    const pulled = open(reader).slice({ ...NAME, version: 2, runId: randomUUID(), sliceMs: 60_000 });
    await expect(pulled).rejects.toThrow('It refused "[secret token]", [secret token].');
  });

  it('takes every page in, tells how far it came, and goes on there', async () => {
    const reader = new CountingReader();
    expect(await slice(open(reader))).toEqual({
      pages: 4,
      records: 12,
      batches: 4,
      bytes: 400,
      done: true,
      waitMs: 0,
      cursor: 'page 4',
    });
    expect(await slice(open(reader))).toMatchObject({ pages: 0, done: true, cursor: 'page 4' });
    expect(await held()).toBe(12);
  });

  it('ends with its last page though its time is up by then, so that no source is read anew for it', async () => {
    const reader = new CountingReader();
    const none = (puller: Puller) => puller.slice({ ...NAME, version: 1, runId: randomUUID(), sliceMs: 0 });
    expect(await none(open(reader))).toMatchObject({ pages: 1, done: false });
    reader.shape = (page) => ({ ...page, state: { pages: 0 }, isLast: true }); // as a source without a cursor begins anew
    expect(await none(open(reader))).toMatchObject({ pages: 1, done: true });
    expect(await held()).toBe(6);
  });

  it('rule 6: keeps the checkpoint and the rows that it covers together when a page fails', async () => {
    const reader = new CountingReader();
    reader.beforePage = (page) => {
      if (page === 2) throw new Error('the source broke');
    };
    await expect(slice(open(reader))).rejects.toThrow('the source broke');
    expect(await held()).toBe(6);
    expect(await stateOf()).toEqual({ http: { pages: 2 } });
    reader.beforePage = () => undefined;
    await slice(open(reader));
    expect(await held()).toBe(12);
  });

  it('acknowledges a page to its source after it is in the inbox, and never one that is not', async () => {
    const reader = new CountingReader();
    reader.shape = (page) => ({
      ...page,
      acknowledge: async () => {
        reader.acknowledged.push(await held());
      },
    });
    reader.beforePage = async (page) => {
      if (page === 2) await database.query("UPDATE connector_hub.checkpoints SET lease_until = '-infinity'");
    };
    await expect(slice(open(reader))).rejects.toMatchObject({ code: 'pull.busy' });
    expect(reader.acknowledged).toEqual([3, 6]);
    expect(await held()).toBe(6);
    expect(reader.left).toBe(1);
  });

  it('takes nothing of a page whose records are not all in its parts, and keeps the cursor', async () => {
    const reader = new CountingReader();
    reader.shape = (page) => (page.state.pages === 2 ? { ...page, count: 4 } : page);
    await expect(slice(open(reader))).rejects.toMatchObject({ code: 'pull.unreconciled' });
    expect(await held()).toBe(3);
    expect(await stateOf()).toEqual({ http: { pages: 1 } });
  });

  describe('that watches the shape of records', () => {
    const watched = (drift: Drift, version = 1): Promise<void> =>
      new InstalledSources(database).install({
        ...NAME,
        version,
        source: { http: { url: 'http://127.0.0.1:9/' }, drift },
      });
    /** A finished pull of two pages, and two pages more of which the second has another field. */
    async function pullUntilDrift(drift: Drift) {
      await watched(drift);
      const reader = new CountingReader();
      reader.pages = 2;
      await slice(open(reader));
      reader.pages = 4;
      reader.shape = (page) =>
        page.state.pages === 4 ? { ...page, parts: jsonParts([{ id: 'x' }, { id: 1, more: true }, {}]) } : page;
      return reader;
    }

    it('tells of new fields and other types, and takes them', async () => {
      const reader = await pullUntilDrift('propagate');
      expect(await slice(open(reader))).toMatchObject({
        pages: 2,
        drift: ['id is string, was number', 'new field more (boolean)'],
      });
      expect(await held()).toBe(12);
    });

    it('pauses at them, and goes on with the version of the pipeline that somebody applies then', async () => {
      const reader = await pullUntilDrift('pause');
      for (let again = 0; again < 2; again += 1) {
        await expect(slice(open(reader))).rejects.toMatchObject({
          code: 'pull.drift',
          message: expect.stringContaining('new field more (boolean)') as string,
        });
      }
      expect(await held()).toBe(9);
      await watched('pause', 2);
      await open(reader).slice({ ...NAME, version: 2, runId: randomUUID(), sliceMs: 60_000 });
      expect(await held()).toBe(12);
    });

    it('waits for approval of them, and goes on with it; what changes further has to be approved again', async () => {
      const reader = await pullUntilDrift('approve');
      await expect(slice(open(reader))).rejects.toMatchObject({
        code: 'pull.drift',
        message: expect.stringContaining('Approve it with "chartly drift approve"') as string,
      });
      const seen = await drifts().of(NAME);
      expect(seen).toMatchObject({ version: 1, changes: ['id is string, was number', 'new field more (boolean)'] });
      await expect(slice(open(reader))).rejects.toMatchObject({ code: 'pull.drift' });
      expect(await drifts().of(NAME)).toMatchObject({ id: seen.id });
      await expect(drifts().approve({ ...NAME, id: randomUUID() })).rejects.toMatchObject({ code: 'drift.moved' });
      expect(await held()).toBe(9);
      expect(await drifts().approve({ ...NAME, id: seen.id! })).toEqual({ changes: [] });
      expect(await slice(open(reader))).toMatchObject({ pages: 1 });
      expect(await held()).toBe(12);
      const entries = await database.query<{ body: object }[]>('SELECT body FROM connector_hub.outbox');
      expect(entries).toMatchObject([
        { body: { action: 'drift.approve', target: 'Pipeline/counted', reason: seen.changes.join('; ') } },
      ]);
      reader.pages = 5;
      reader.shape = (page) => ({ ...page, parts: jsonParts([{ id: 1, more: true, last: 1 }, {}, {}]) });
      await expect(slice(open(reader))).rejects.toMatchObject({
        message: expect.stringContaining('nobody has approved it: new field last (number).') as string,
      });
      await expect(drifts().approve({ ...NAME, id: seen.id! })).rejects.toMatchObject({ code: 'drift.moved' });
      await watched('approve', 2);
      expect(await drifts().of(NAME)).toEqual({ changes: [] });
      await expect(drifts().approve({ ...NAME, id: seen.id! })).rejects.toMatchObject({ code: 'drift.unknown' });
    });

    it('holds those records for quarantine that look otherwise, each with its reason, until it is approved', async () => {
      const reader = await pullUntilDrift('quarantine');
      const heldBatches = () =>
        database.query<{ held: string; count: number }[]>(
          'SELECT held, count FROM connector_hub.batches WHERE held IS NOT NULL ORDER BY held',
        );
      expect(await slice(open(reader))).toMatchObject({
        records: 6,
        drift: ['id is string, was number', 'new field more (boolean)'],
      });
      expect(await held()).toBe(12);
      const reason = "the source's records have changed: ";
      expect(await heldBatches()).toEqual([
        { held: `${reason}id is string, was number`, count: 1 },
        { held: `${reason}new field more (boolean)`, count: 1 },
      ]);
      const { id, changes } = await drifts().of(NAME);
      expect(changes).toEqual(['id is string, was number', 'new field more (boolean)']);
      await drifts().approve({ ...NAME, id: id! });
      reader.pages = 5;
      reader.shape = (page) => ({ ...page, parts: jsonParts([{ id: 'x' }, { id: 1, more: true }, {}]) });
      expect(await slice(open(reader))).toMatchObject({ records: 3 });
      expect(await heldBatches()).toHaveLength(2);
    });
  });

  it('waits while the inbox is full, and acknowledges nothing meanwhile', async () => {
    const reader = new CountingReader();
    const full = open(reader, { inboxMaxBytes: 40 });
    expect(await slice(full)).toMatchObject({ pages: 1, done: false, waitMs: 1_000 });
    expect(reader.acknowledged).toEqual([0]);
    await slice(open(reader));
    expect(await held()).toBe(12);
  });

  it('fault 19: refuses a second puller while one is at it', async () => {
    const reader = new CountingReader();
    let second: Promise<unknown> = Promise.resolve();
    reader.beforePage = async (page) => {
      if (page === 1) {
        second = slice(open(new CountingReader())).catch((thrown: unknown) => thrown);
        await second;
      }
    };
    await slice(open(reader));
    expect(await second).toMatchObject({ code: 'pull.busy' });
    expect(await held()).toBe(12);
  });
});
