import { MigrationInterface, QueryRunner } from 'typeorm';
import { Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { assertDurable } from './database.module';
import { migrate, pendingMigrations, roleOf, ServiceMigrations } from './migrations';
import { Outbox, OutboxEntry, outboxTableSql } from './outbox';
import { OutboxRelay } from './outbox-relay';

class Sample1 implements MigrationInterface {
  readonly name = 'Sample1700000000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE sample.open_things (id int PRIMARY KEY)');
    await runner.query('CREATE TABLE sample.sealed_things (id int PRIMARY KEY)');
    await runner.query(outboxTableSql('sample'));
    await runner.query('REVOKE UPDATE, DELETE, TRUNCATE ON sample.sealed_things FROM chartly_app');
  }
  async down(): Promise<void> {}
}

const sample: ServiceMigrations = { schema: 'sample', migrations: [Sample1] };
const ID = (at: number): string => `00000000-0000-7000-8000-${String(at).padStart(12, '0')}`;

describe('migrations, privileges and the outbox', () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await openTestDatabase([sample]);
  });
  afterAll(() => test.stop());

  it('applies nothing twice, however many processes try at once', async () => {
    const again = await Promise.all(
      [1, 2, 3].map(() => migrate({ ownerUrl: test.ownerUrl, appRole: roleOf(test.appUrl), services: [sample] })),
    );
    expect(again.flat()).toEqual([]);
    expect(await pendingMigrations(test.dataSource, [sample])).toEqual([]);
  });

  it('rule 12: gives the application plain DML, and not what a migration took away', async () => {
    await test.dataSource.query('INSERT INTO sample.open_things VALUES (1)');
    await test.dataSource.query('UPDATE sample.open_things SET id = 2');
    await test.dataSource.query('INSERT INTO sample.sealed_things VALUES (1)');
    await expect(test.dataSource.query('DELETE FROM sample.sealed_things')).rejects.toThrow(/permission denied/);
    await expect(test.dataSource.query('TRUNCATE sample.open_things')).rejects.toThrow(/permission denied/);
    await expect(test.dataSource.query('CREATE TABLE sample.more (id int)')).rejects.toThrow(/permission denied/);
  });

  it('rule 1: accepts a durable database', async () => {
    await expect(assertDurable(test.dataSource)).resolves.toBeUndefined();
  });

  it('ships each committed entry at least once, after failures too, and none of a transaction that was rolled back', async () => {
    const outbox = new Outbox('sample');
    const shipped: string[] = [];
    let failures = 2;
    let done: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (done = resolve));
    const relay = new OutboxRelay(test.dataSource, outbox, (entries: readonly OutboxEntry[]) => {
      if (failures > 0) {
        failures -= 1;
        return Promise.reject(new Error('away'));
      }
      shipped.push(...entries.map(({ id }) => id));
      if (shipped.length >= 250) done();
      return Promise.resolve();
    });
    relay.onApplicationBootstrap();
    await test.dataSource
      .transaction(async (tx) => {
        await outbox.add(tx, { id: ID(999), body: {} });
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    await test.dataSource.transaction(async (tx) => {
      for (let at = 0; at < 250; at += 1) await outbox.add(tx, { id: ID(at), body: { at } });
    });
    await all;
    await relay.beforeApplicationShutdown();
    expect(new Set(shipped)).toEqual(new Set(Array.from({ length: 250 }, (_, at) => ID(at))));
    expect(await left()).toBe(0);
  });

  it('keeps an entry that is refused, and ships those beside it', async () => {
    const outbox = new Outbox('sample');
    const shipped: string[] = [];
    let refusals = 0;
    const settled = new Promise<void>((resolve) => {
      const relay = new OutboxRelay(test.dataSource, outbox, (entries) => {
        if (entries.some(({ id }) => id === ID(1))) {
          refusals += 1;
          return Promise.reject(new Unprocessable('entry.wrong', 'This entry is wrong.'));
        }
        shipped.push(...entries.map(({ id }) => id));
        if (shipped.length === 2) void relay.beforeApplicationShutdown().then(resolve);
        return Promise.resolve();
      });
      void test.dataSource
        .transaction(async (tx) => {
          for (let at = 0; at < 3; at += 1) await outbox.add(tx, { id: ID(at), body: { at } });
        })
        .then(() => relay.onApplicationBootstrap());
    });
    await settled;
    expect(shipped.sort()).toEqual([ID(0), ID(2)]);
    expect(refusals).toBe(2); // once with the others, once alone
    expect(await test.dataSource.query('SELECT id FROM sample.outbox')).toEqual([{ id: ID(1) }]);
    await test.dataSource.query('DELETE FROM sample.outbox');
  });

  it('rule 5: two relays share the work, and what a dead one claimed is shipped when its claim has run out', async () => {
    const outbox = new Outbox('sample');
    await test.dataSource.transaction(async (tx) => {
      for (let at = 0; at < 500; at += 1) await outbox.add(tx, { id: ID(at), body: { at } });
    });
    const claimedByTheDead = await outbox.claim(test.dataSource, 100);
    const shipped: string[] = [];
    let done: () => void = () => undefined;
    const wave = (total: number): Promise<void> =>
      new Promise((resolve) => (done = () => shipped.length >= total && resolve()));
    const ship = (entries: readonly OutboxEntry[]): Promise<void> => {
      shipped.push(...entries.map(({ id }) => id));
      done();
      return Promise.resolve();
    };
    const first = wave(400);
    const relays = [1, 2].map(() => new OutboxRelay(test.dataSource, outbox, ship));
    for (const relay of relays) relay.onApplicationBootstrap();
    await first;
    expect(new Set(shipped).size).toBe(400);
    expect(shipped).not.toContain(claimedByTheDead[0]!.id);
    const second = wave(500);
    await test.dataSource.query("UPDATE sample.outbox SET claimed_until = clock_timestamp() - interval '1 second'");
    await second;
    for (const relay of relays) await relay.beforeApplicationShutdown();
    expect(new Set(shipped).size).toBe(500);
    expect(await left()).toBe(0);
  });

  it('ships at once what a process that died has claimed, where no other is at work', async () => {
    const outbox = new Outbox('sample');
    await test.dataSource.transaction(async (tx) => {
      for (let at = 0; at < 3; at += 1) await outbox.add(tx, { id: ID(at), body: { at } });
    });
    await outbox.claim(test.dataSource, 3);
    const shipped = await new Promise<readonly OutboxEntry[]>((resolve, reject) => {
      const relay = new OutboxRelay(
        test.dataSource,
        outbox,
        async (entries) => {
          void relay.beforeApplicationShutdown().then(() => resolve(entries), reject);
        },
        true,
      );
      relay.onApplicationBootstrap();
    });
    expect(shipped.map(({ id }) => id)).toEqual([ID(0), ID(1), ID(2)]);
    expect(await left()).toBe(0);
  });

  async function left(): Promise<number> {
    const [row] = await test.dataSource.query<[{ left: number }]>('SELECT count(*)::int AS left FROM sample.outbox');
    return row.left;
  }
});
