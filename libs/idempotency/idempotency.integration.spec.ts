import { MigrationInterface, QueryRunner } from 'typeorm';
import { ChartlyError, Conflict, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { IdempotencyKey, withCall } from '#libs/transport/call-context';
import { Idempotency, idempotencyTableSql } from './idempotency';

class Sample1 implements MigrationInterface {
  readonly name = 'Sample1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('sample'));
    await runner.query('CREATE TABLE sample.changes (at serial PRIMARY KEY)');
  }

  async down(): Promise<void> {}
}

describe('rule 7: what is sent again under one Idempotency-Key', () => {
  let test: TestDatabase;
  const idempotency = new Idempotency('sample');
  let names = 0;

  beforeAll(async () => {
    test = await openTestDatabase([{ schema: 'sample', migrations: [Sample1] }]);
  });
  afterAll(() => test.stop());

  const newKey = (): IdempotencyKey => ({ scope: 'POST /v1/things', key: `k-${(names += 1)}`, digest: 'one' });

  /** A change that tells its own number, as a call with this key. */
  function change(key: IdempotencyKey | undefined, during?: () => Promise<void>): Promise<{ at: number }> {
    const principal = { kind: 'local', id: 'local', name: 'local', grants: [] } as const;
    return withCall({ principal, idempotency: key }, () =>
      test.dataSource.transaction((tx) =>
        idempotency.once(tx, async () => {
          const [row] = await tx.query<{ at: number }[]>('INSERT INTO sample.changes DEFAULT VALUES RETURNING at');
          await during?.();
          return { at: row!.at };
        }),
      ),
    );
  }

  const refusalOf = (work: Promise<unknown>): Promise<ChartlyError> =>
    work.then(
      () => {
        throw new Error('it was not refused');
      },
      (thrown: ChartlyError) => thrown,
    );

  it('changes something once and answers the same ever after', async () => {
    const key = newKey();
    const first = await change(key);
    expect(await change(key)).toEqual(first);
    expect(await change({ ...key })).toEqual(first);
    expect((await change(newKey())).at).not.toBe(first.at);
  });

  it('is asked for by the caller alone', async () => {
    expect((await change(undefined)).at).not.toBe((await change(undefined)).at);
  });

  it('gives a key a meaning within its route only', async () => {
    const key = newKey();
    expect((await change(key)).at).not.toBe((await change({ ...key, scope: 'POST /v1/others' })).at);
  });

  it('refuses another body under the same key with 422', async () => {
    const key = newKey();
    await change(key);
    const refusal = await refusalOf(change({ ...key, digest: 'two' }));
    expect([refusal.status, refusal.code]).toEqual([new Unprocessable('', '').status, 'idempotency.other_body']);
  });

  it('answers 409 while the first is under way, also from another process, and goes on by itself', async () => {
    const key = newKey();
    let finish = (): void => undefined;
    const mayEnd = new Promise<void>((resolve) => (finish = resolve));
    let begun = (): void => undefined;
    const began = new Promise<void>((resolve) => (begun = resolve));
    const first = change(key, () => {
      begun();
      return mayEnd;
    });
    await began;
    const refusal = await refusalOf(change(key));
    expect([refusal.status, refusal.code]).toEqual([new Conflict('', '').status, 'idempotency.in_flight']);
    finish();
    const reply = await first;
    expect(await change(key)).toEqual(reply);
  });

  it('keeps no failure: the same key may be tried again', async () => {
    const key = newKey();
    await expect(change(key, () => Promise.reject(new Error('broke')))).rejects.toThrow('broke');
    expect((await change(key)).at).toBeGreaterThan(0);
  });

  it('forgets after 72 hours, and not before', async () => {
    const [old, young] = [newKey(), newKey()];
    const [oldReply, youngReply] = [await change(old), await change(young)];
    const age = `UPDATE sample.idempotency SET created_at = clock_timestamp() - $2::interval WHERE key = $1`;
    await test.dataSource.query(age, [old.key, '73 hours']);
    await test.dataSource.query(age, [young.key, '71 hours']);
    await idempotency.sweep(test.dataSource);
    expect(await change(young)).toEqual(youngReply);
    expect(await change(old)).not.toEqual(oldReply);
  });
});
