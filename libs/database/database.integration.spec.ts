import { MigrationInterface, QueryRunner } from 'typeorm';
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
    expect(await test.dataSource.query('SELECT count(*)::int AS left FROM sample.outbox')).toEqual([{ left: 0 }]);
  });
});
