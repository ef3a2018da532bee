import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlRows } from '#libs/contracts/sql';
import { Engine, Trial } from '../conformance/trial.conformance';
import { DuckDbEventStore } from './duckdb-event-store';

const MIB = 2 ** 20;
const BUDGET = 128 * MIB;
const ROWS = 3_000;

/** Statements that the gate lets pass, each of which would fill any memory: what they collect is in no book of the engine. */
const BOMBS = [
  'SELECT median(a.value + b.value) FROM events a, events b, events c',
  'SELECT quantile_cont(a.value * b.value, 0.9) FROM events a, events b, events c',
  'SELECT mad(a.value + b.value) FROM events a, events b, events c',
  'SELECT mode(a.value * 3000 * 3000 + b.value * 3000 + c.value) FROM events a, events b, events c',
];

describe('the memory of a statement in DuckDB', () => {
  let folder: string;
  let events: DuckDbEventStore;
  let trial: Trial;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-sql-memory-'));
    events = await DuckDbEventStore.open({ folder, memoryLimit: 128 * MIB, sqlMemory: BUDGET });
    const engine: Engine = { store: () => events, reopen: () => Promise.resolve(), close: () => events.close() };
    trial = await Trial.begin(engine, { dataset: 'events' });
    await trial.append(Array.from({ length: ROWS }, (_, at) => ({ id: `e${at}`, at: BigInt(at), value: at })));
  });

  afterAll(async () => {
    await events.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = (sql: string): Promise<SqlRows> =>
    events.sql({ ...trial.ref, sql, tables: ['events'], parameters: {}, limit: 10, timeoutMs: 30_000 });

  it.each(BOMBS)('stops %s, while appends go on', async (sql) => {
    let ended = false;
    const bomb = run(sql)
      .then(
        () => ({ code: 'it ran to its end' }),
        (thrown: { code?: string }) => thrown,
      )
      .finally(() => (ended = true));
    for (let at = 0; !ended; at += 1) {
      expect(await trial.append([{ id: `${sql} ${at}`, at: 0n, value: 1 }])).toMatchObject({ stored: 1 });
    }
    expect(await bomb).toMatchObject({ code: 'sql.memory', status: 422 });
  });

  it('gives an export up in the same way', async () => {
    const [sql = ''] = BOMBS;
    const taken = (async () => {
      for await (const part of events.streamSql({ ...trial.ref, sql, tables: ['events'], parameters: {} })) void part;
    })();
    await expect(taken).rejects.toMatchObject({ code: 'sql.memory' });
  });

  it('lets a statement sort more than its budget holds, since the engine spills that', async () => {
    const sorted = await run(`
      SELECT count(*), max(r) FROM (
        SELECT row_number() OVER (ORDER BY hash(a.value * 3000 + b.value)) AS r FROM events a, events b WHERE b.value < 1000
      )`);
    expect(sorted.rows[0]?.[0]).toBe(sorted.rows[0]?.[1]);
  });
});
