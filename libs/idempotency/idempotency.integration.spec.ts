import { MigrationInterface, QueryRunner } from 'typeorm';
import { ChartlyError, Conflict, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { IdempotencyKey, withCall } from '#libs/transport/call-context';
import { Principal } from '#libs/contracts/principal';
import { Idempotency, Keep } from './idempotency';
import { claimsTableSql, idempotencyTableSql } from './tables';

class Sample1 implements MigrationInterface {
  readonly name = 'Sample1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('sample'));
    await runner.query(claimsTableSql('sample'));
    await runner.query('CREATE TABLE sample.changes (at serial PRIMARY KEY)');
  }

  async down(): Promise<void> {}
}

const LOCAL: Principal = { kind: 'local', id: 'local', name: 'local', grants: [] };
const OTHER: Principal = { kind: 'key', id: '0190f5c4-0000-7000-8000-000000000001', name: 'other', grants: [] };

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
  function change(
    key: IdempotencyKey | undefined,
    during?: () => Promise<void>,
    principal = LOCAL,
  ): Promise<{ at: number }> {
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

  it('gives a key a meaning for its caller only, who gets no answer of another', async () => {
    const key = newKey();
    const first = await change(key);
    const others = await change({ ...key, digest: 'two' }, undefined, OTHER);
    expect(others.at).not.toBe(first.at);
    expect(await change(key)).toEqual(first);
  });

  it('tells what was answered, before anything is looked at', async () => {
    const key = newKey();
    const ask = (digest = 'one'): Promise<object | undefined> =>
      withCall({ principal: LOCAL, idempotency: { ...key, digest } }, () => idempotency.replied(test.dataSource));
    expect(await ask()).toBeUndefined();
    const first = await change(key);
    expect(await ask()).toEqual(first);
    await expect(ask('two')).rejects.toMatchObject({ code: 'idempotency.other_body' });
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

  describe('in more than one transaction', () => {
    type Work = (keep: Keep<{ at: number }>) => Promise<{ at: number }>;

    const around = (key: IdempotencyKey | undefined, work: Work): Promise<{ at: number }> =>
      withCall({ principal: LOCAL, idempotency: key }, () => idempotency.around(test.dataSource, work));

    /** A change whose reply commits with it. */
    const changing =
      (before: () => Promise<void> = () => Promise.resolve()): Work =>
      async (keep) => {
        await before();
        return test.dataSource.transaction(async (tx) => {
          const [row] = await tx.query<{ at: number }[]>('INSERT INTO sample.changes DEFAULT VALUES RETURNING at');
          const reply = { at: row!.at };
          await keep(tx, reply);
          return reply;
        });
      };
    const changes = async (): Promise<number> =>
      Number((await test.dataSource.query<{ n: string }[]>('SELECT count(*) AS n FROM sample.changes'))[0]!.n);
    const claims = async (): Promise<number> =>
      (await test.dataSource.query<unknown[]>('SELECT 1 FROM sample.idempotency_claims')).length;
    const lapse = (): Promise<unknown> =>
      test.dataSource.query(`UPDATE sample.idempotency_claims SET until = clock_timestamp() - interval '1 second'`);

    /** A promise, and what resolves it. */
    function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
      let open = (): void => undefined;
      const passed = new Promise<void>((resolve) => (open = resolve));
      return { passed, open };
    }

    it('changes something once and answers the same ever after, with a reply of its own or without', async () => {
      for (const work of [changing(), () => Promise.resolve({ at: -1 })]) {
        const key = newKey();
        const first = await around(key, work);
        const before = await changes();
        expect(await around(key, changing())).toEqual(first);
        expect(await changes()).toBe(before);
        await expect(around({ ...key, digest: 'two' }, changing())).rejects.toMatchObject({
          code: 'idempotency.other_body',
        });
      }
      expect(await claims()).toBe(0);
    });

    it('gives the first answer to whoever gets the key just as the first ends', async () => {
      const key = newKey();
      const [kept, commits] = [gate(), gate()];
      const first = around(key, async (keep) => {
        await lapse();
        return test.dataSource.transaction(async (tx) => {
          await keep(tx, { at: -1 });
          kept.open();
          await commits.passed;
          return { at: -1 };
        });
      });
      await kept.passed;
      const second = around(key, changing());
      const before = await changes();
      while ((await test.dataSource.query<unknown[]>('SELECT 1 FROM pg_locks WHERE NOT granted')).length === 0);
      commits.open();
      expect(await Promise.all([first, second])).toEqual([{ at: -1 }, { at: -1 }]);
      expect([await changes(), await claims()]).toEqual([before, 0]);
    });

    it('answers 409 while the first is under way, which holds no connection', async () => {
      const keys = Array.from({ length: 30 }, newKey);
      const end = gate();
      const begun = keys.map(() => gate());
      const going = keys.map((key, at) =>
        around(
          key,
          changing(() => {
            begun[at]!.open();
            return end.passed;
          }),
        ),
      );
      await Promise.all(begun.map(({ passed }) => passed));
      for (const key of keys) {
        await expect(around(key, changing())).rejects.toMatchObject({ code: 'idempotency.in_flight' });
      }
      end.open();
      const replies = await Promise.all(going);
      expect(new Set(replies.map(({ at }) => at)).size).toBe(keys.length);
      expect(await Promise.all(keys.map((key) => around(key, changing())))).toEqual(replies);
    });

    it('keeps no failure, also of a change that was taken back after its reply was put down', async () => {
      const key = newKey();
      const before = await changes();
      const broken: Work = (keep) =>
        test.dataSource.transaction(async (tx) => {
          await tx.query('INSERT INTO sample.changes DEFAULT VALUES');
          await keep(tx, { at: 0 });
          throw new Error('broke');
        });
      await expect(around(key, broken)).rejects.toThrow('broke');
      expect(await changes()).toBe(before);
      expect((await around(key, changing())).at).toBeGreaterThan(0);
    });

    it('is taken over from a process that ended, which then commits nothing under the key', async () => {
      const key = newKey();
      const [began, end] = [gate(), gate()];
      const slow = around(
        key,
        changing(() => {
          began.open();
          return end.passed;
        }),
      ).catch((thrown: ChartlyError) => thrown);
      await began.passed;
      await lapse();
      const second = await around(key, changing());
      const before = await changes();
      end.open();
      expect(await slow).toMatchObject({ code: 'idempotency.in_flight' });
      expect(await changes()).toBe(before);
      expect(await around(key, changing())).toEqual(second);
    });

    it("is nobody's any more once the whole system starts anew", async () => {
      const key = newKey();
      const [began, end] = [gate(), gate()];
      const lost = around(
        key,
        changing(() => {
          began.open();
          return end.passed;
        }),
      ).catch(() => undefined);
      await began.passed;
      await idempotency.reclaim(test.dataSource);
      expect((await around(key, changing())).at).toBeGreaterThan(0);
      end.open();
      await lost;
    });
  });
});
