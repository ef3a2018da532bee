import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { ChartlyError } from '#libs/errors/errors';
import { seededRandom } from '../../../test/support/random';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { Cut, PostgresProxy } from '#libs/testing/postgres-proxy';
import { connectorHubMigrations } from '../connector-hub.migrations';
import { InstalledSources } from '../sources/installed-sources';
import { Segments } from '../archive/segments';
import { Backlog } from './backlog';
import { Dispatcher } from './dispatcher';
import { Inbox } from './inbox';
import { Outcomes } from './outcomes';
import { StoredBatches } from './stored-batches';

const NAME = { project: 'default', pipeline: 'quakes' };
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);
const SENDERS = 8;
const PUSHES_EACH = 5;
const CUTS: readonly Cut[] = ['before', 'halfway', 'racing', 'unanswered'];
/** How often a statement's connection is cut. */
const CUT_RATIO = 0.4;

interface Sent {
  readonly body: string;
  readonly receipt: AcceptReceipt | undefined;
}

describe('the inbox, its connections cut around COMMIT', () => {
  let test: TestDatabase;
  let proxy: PostgresProxy;
  let database: DataSource;
  let owner: DataSource;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    test = await openTestDatabase([connectorHubMigrations]);
    proxy = await PostgresProxy.start(test.appUrl);
    database = await new DataSource({ type: 'postgres', url: proxy.url, extra: { max: 6 } }).initialize();
    owner = await new DataSource({ type: 'postgres', url: test.ownerUrl, extra: { max: 1 } }).initialize();
  });
  afterAll(async () => {
    await owner.destroy();
    await database.destroy();
    await proxy.stop();
    await test.stop();
  });
  beforeEach(async () => {
    proxy.cutBy(() => undefined);
    for (const table of ['batches', 'idempotency', 'totals', 'pipelines', 'sources']) {
      await test.database.query(`DELETE FROM connector_hub.${table}`);
    }
    await new InstalledSources(test.database).install({ ...NAME, version: 1 });
  });

  function openInbox() {
    const queue = { addBulk: () => Promise.resolve() };
    const backlog = new Backlog(database, loadConfig({}));
    const dispatcher = new Dispatcher(database, queue as never); // only `addBulk` is used
    const stored = new StoredBatches(database, new Segments(database, undefined as never));
    const inbox = new Inbox(database, new Ids(), backlog, dispatcher, stored);
    return { inbox, backlog, outcomes: new Outcomes(database, inbox, stored) };
  }

  const push = (body: string, idempotencyKey?: string) => ({
    ...NAME,
    format: 'ndjson' as const,
    body: Buffer.from(body),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });

  /** What lies in the inbox: how often each body, read without the proxy. */
  async function held(): Promise<Map<string, string[]>> {
    const rows = await test.database.query<{ batchId: string; payload: Buffer }[]>(
      'SELECT batch_id AS "batchId", payload FROM connector_hub.batches',
    );
    const ids = new Map<string, string[]>();
    for (const { batchId, payload } of rows) ids.set(String(payload), [...(ids.get(String(payload)) ?? []), batchId]);
    return ids;
  }

  const cutAtRandom = (seed: number, statement: string): void => {
    const next = seededRandom(seed);
    proxy.cutBy((sql) =>
      sql.includes(statement) && next() < CUT_RATIO ? CUTS[Math.floor(next() * CUTS.length)] : undefined,
    );
  };
  const INSERT = 'INSERT INTO connector_hub.batches';
  const SETTLE = 'UPDATE connector_hub.batches';

  it.each(CUTS)('fault 8: one push whose connection is cut once (%s) is there exactly once', async (cut) => {
    const { inbox } = openInbox();
    let cutsLeft = 1;
    proxy.cutBy((sql) => (sql.includes(INSERT) && cutsLeft-- > 0 ? cut : undefined));
    const before = proxy.cuts[cut];
    const { batchId, repeated } = await inbox.accept(push('{"n":1}\n'));
    expect(proxy.cuts[cut]).toBe(before + 1);
    expect(repeated).toBe(false);
    expect([...(await held())]).toEqual([['{"n":1}\n', [batchId]]]);
  });

  it('fault 8: an unknown outcome is a 503, never a receipt, and the idempotency key settles it', async () => {
    const { inbox, backlog } = openInbox();
    proxy.cutBy((sql) => (sql.includes(INSERT) ? 'unanswered' : undefined));
    const unknown = inbox.accept(push('{"n":1}\n', 'k1'));
    await expect(unknown).rejects.toMatchObject({ code: 'database.unavailable', status: 503 });
    expect((await held()).get('{"n":1}\n')).toHaveLength(1); // it was committed, and nobody was told
    expect(backlog.bytes).toBe(0);
    proxy.cutBy(() => undefined);
    const settled = await openInbox().inbox.accept(push('{"n":1}\n', 'k1'));
    expect(settled).toMatchObject({ repeated: true, accepted: 1 });
    expect([...(await held())]).toEqual([['{"n":1}\n', [settled.batchId]]]);
    await expect(inbox.accept(push('{"n":2}\n', 'k1'))).rejects.toMatchObject({ code: 'idempotency.other_body' });
  });

  it.each([
    ['another version was installed', 'version = version + 1'],
    ['the pipeline was removed', 'removed_at = clock_timestamp()'],
  ])('fault 8: the receipt names the version that the batch lies under, though %s meanwhile', async (_, change) => {
    const { inbox } = openInbox();
    await owner.query(`
      CREATE FUNCTION connector_hub.meanwhile() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN UPDATE connector_hub.pipelines SET ${change}; RETURN NULL; END $$`);
    await owner.query(`
      CREATE TRIGGER meanwhile AFTER INSERT ON connector_hub.batches EXECUTE FUNCTION connector_hub.meanwhile()`);
    try {
      let answersLost = 1;
      proxy.cutBy((sql) => (sql.includes(INSERT) && answersLost-- > 0 ? 'unanswered' : undefined));
      expect(await inbox.accept(push('{"n":1}\n'))).toMatchObject({ version: 1, accepted: 1, repeated: false });
      expect((await held()).size).toBe(1);
    } finally {
      await owner.query('DROP FUNCTION connector_hub.meanwhile CASCADE');
    }
  });

  it.each(SEEDS)(
    'fault 8: seed %i: each acknowledged batch is there once, none is doubled, none is a phantom',
    async (seed) => {
      const { inbox } = openInbox();
      cutAtRandom(seed, INSERT);
      const sent = (
        await Promise.all(
          Array.from({ length: SENDERS }, async (_, sender) => {
            const results: Sent[] = [];
            for (let at = 0; at < PUSHES_EACH; at += 1) {
              const body = `{"sender":${sender},"at":${at}}\n`;
              // Every other sender settles what it does not know by its key; the others leave it at that.
              const receipt = await (sender % 2 === 0 ? untilKnown(inbox, body) : onceOnly(inbox, body));
              results.push({ body, receipt });
            }
            return results;
          }),
        )
      ).flat();
      proxy.cutBy(() => undefined);
      const there = await held();
      for (const { body, receipt } of sent) {
        const ids = there.get(body) ?? [];
        if (receipt) expect(ids).toEqual([receipt.batchId]);
        else expect(ids.length).toBeLessThanOrEqual(1);
      }
      expect([...there.keys()].filter((body) => !sent.some((one) => one.body === body))).toEqual([]);
    },
  );

  async function untilKnown(inbox: Inbox, body: string): Promise<AcceptReceipt> {
    for (;;) {
      const receipt = await onceOnly(inbox, body, body.replaceAll(/\s/g, ''));
      if (receipt) return receipt;
    }
  }

  async function onceOnly(inbox: Inbox, body: string, key?: string): Promise<AcceptReceipt | undefined> {
    try {
      return await inbox.accept(push(body, key));
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ChartlyError);
      expect(thrown).toMatchObject({ code: 'database.unavailable' });
      return undefined;
    }
  }

  it.each(SEEDS)(
    'fault 8: seed %i: outcomes that are sent until they are known fold into the totals once',
    async (seed) => {
      const { inbox, outcomes } = openInbox();
      const receipts = await Promise.all(
        Array.from({ length: SENDERS * PUSHES_EACH }, (_, at) => inbox.accept(push(`{"at":${at}}\n`))),
      );
      cutAtRandom(seed, SETTLE);
      await Promise.all(
        receipts.map(async ({ batchId, accepted }) => {
          for (let known = false; !known;) {
            known = await outcomes
              .settle({
                batchId,
                epoch: 0,
                normalized: accepted,
                filtered: 0,
                quarantined: 0,
                produced: accepted,
                stored: accepted,
                merged: 0,
                stale: 0,
                duplicate: 0,
              })
              .then(
                () => true,
                (thrown: unknown) => {
                  expect(thrown).toMatchObject({ code: 'database.unavailable' });
                  return false;
                },
              );
          }
        }),
      );
      proxy.cutBy(() => undefined);
      const { versions } = await outcomes.totals(NAME);
      expect(versions).toMatchObject([
        { accepted: receipts.length, normalized: receipts.length, stored: receipts.length, pending: 0 },
      ]);
    },
  );

  it('has cut at every place', () => {
    for (const cut of CUTS) expect(proxy.cuts[cut]).toBeGreaterThan(SEEDS.length / 2);
  });
});
