import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Answers } from '#apps/analytics/answers';
import { readQuestion } from '#apps/analytics/question/read-question';
import { DuckDbEventStore } from '#apps/storage/duckdb/duckdb-event-store';
import { ClickHouseEventStore } from '#apps/storage/clickhouse/clickhouse-event-store';
import { EventStore } from '#apps/storage/event-store';
import { storageMigrations } from '#apps/storage/storage.migrations';
import { Clock } from '#libs/clock/clock';
import { QueryReply, QueryRequest } from '#libs/contracts/analytics.contract';
import { Cell } from '#libs/contracts/query-plan';
import { StorageContract } from '#libs/contracts/storage.contract';
import { clickHouseMissing, startTestClickHouse } from '#libs/testing/clickhouse';
import { openTestDatabase } from '#libs/testing/postgres';
import { seededRandom } from '../support/random';
import { appendEvents, EVENTS, randomEvents, ROLLUPS } from './events';
import { questions } from './questions';
import { referenceAnswer, Row } from './reference';

const SEED = Number(process.env.CHARTLY_QUESTIONS_SEED ?? 20_261_125);
const RUNS = 500;

interface Opened {
  readonly events: EventStore;
  readonly close: () => Promise<void>;
}

async function openDuckDb(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'chartly-differential-'));
  const events = await DuckDbEventStore.open({ folder, memoryLimit: 256 * 2 ** 20 });
  return {
    events,
    close: async () => {
      await events.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openClickHouse(): Promise<Opened> {
  const [server, database] = [await startTestClickHouse(), await openTestDatabase([storageMigrations])];
  const events = new ClickHouseEventStore({ url: server.url }, database.dataSource);
  return {
    events,
    close: async () => {
      await events.close();
      await database.stop();
      await server.stop();
    },
  };
}

const ENGINES = [
  { engine: 'DuckDB', open: openDuckDb, missing: undefined },
  { engine: 'ClickHouse', open: openClickHouse, missing: clickHouseMissing() },
];

/** Random questions over small data: every engine must say what the plainest loops over the rows say. */
for (const { engine, open, missing } of ENGINES)
  (missing === undefined ? describe : describe.skip)(
    `500 random questions to ${engine}, answered as a plain script answers them${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
    () => {
      let close: () => Promise<void>;
      let events: EventStore;
      let answers: Answers;
      let rows: Row[];

      beforeAll(async () => {
        ({ events, close } = await open());
        await events.installDataset(EVENTS);
        for (const rollup of ROLLUPS) await events.installRollup(rollup);
        const random = seededRandom(SEED);
        rows = randomEvents(random, 300);
        await appendEvents(events, 'first', rows.slice(0, 200));
        for (const { rollup } of ROLLUPS) await events.materialize({ ...EVENTS, rollup, maxBuckets: 60 });
        await appendEvents(events, 'late', rows.slice(200));
        // What the rollups hold is now in part clean, in part dirty, and in part not there yet.
        await events.materialize({ ...EVENTS, rollup: ROLLUPS[0]!.rollup, maxBuckets: 20 });
        answers = new Answers(asContract(events), new Clock());
      });

      afterAll(() => close());

      const ask = (request: QueryRequest): Promise<QueryReply> =>
        answers.answer(readQuestion(request, { dataset: 'events' }, answers.nowUs));

      it(`agrees on all of them (seed ${SEED})`, async () => {
        const used = new Set<string>();
        await fc.assert(
          fc.asyncProperty(questions, async (request) => {
            const expected = referenceAnswer(request, rows);
            const reply = await ask(request);
            used.add(reply.servedBy);
            expect(reply.columns.map(({ name }) => name)).toEqual(expected.columns);
            expect(differences(reply.rows, expected.rows)).toEqual([]);
          }),
          { seed: SEED, numRuns: RUNS },
        );
        expect([...used].sort()).toEqual(['dataset/events', 'rollup/by_region', 'rollup/fine']);
      });

      it('says the same from rollups as from raw rows', async () => {
        await fc.assert(
          fc.asyncProperty(questions, async (request) => {
            const [one, other] = [await ask(request), await ask({ ...request, raw: true })];
            expect(other.usedRollup).toBe(false);
            expect(differences(one.rows, other.rows)).toEqual([]);
          }),
          { seed: SEED + 1, numRuns: RUNS / 5 },
        );
      });
    },
  );

/** The contract's reads, straight from an engine. */
const asContract = (events: EventStore): StorageContract =>
  ({ query: (plan: Parameters<EventStore['query']>[0]) => events.query(plan) }) as StorageContract; // all that answering takes

function differences(own: readonly (readonly Cell[])[], expected: readonly (readonly Cell[])[]): unknown[] {
  if (own.length !== expected.length)
    return [`${own.length} rows, and not ${expected.length}`, own.slice(0, 5), expected.slice(0, 5)];
  return own
    .flatMap((row, at) =>
      row.every((cell, index) => alike(cell, expected[at]![index])) ? [] : [{ at, own: row, expected: expected[at] }],
    )
    .slice(0, 3);
}

function alike(one: Cell, other: Cell | undefined): boolean {
  if (typeof one === 'number' && typeof other === 'number') {
    return Math.abs(one - other) <= 1e-12 * Math.max(1, Math.abs(one), Math.abs(other));
  }
  return one === other;
}
