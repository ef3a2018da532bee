import { ColumnDef } from '#libs/contracts/columns';
import { Cell, RowsPart, RowsPlan } from '#libs/contracts/query-plan';
import { Unprocessable } from '#libs/errors/errors';
import { Engine, Row, Trial } from './trial.conformance';

const COLUMNS: ColumnDef[] = [
  { name: 'host', type: 'string', nullable: false },
  { name: 'seq', type: 'int', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'note', type: 'json', nullable: true },
];
const BIG = 9_007_199_254_740_993n;
const MANY = 20_000;
const PLAN = { measures: [], dimensions: [], columns: [], filters: [], order: [] } satisfies Partial<RowsPlan>;

/** Several rows a time, and keys that differ in their last column alone. */
const ties = (): Row[] =>
  Array.from({ length: 40 }, (_, at) => ({
    host: ['a', 'b', 'ü', '\u{1F600}'][at % 4]!,
    seq: at % 2 === 0 ? BIG + BigInt(at) : -at,
    at: BigInt(1_760_000_000_000_000 + Math.floor(at / 10)),
    note: at === 3 ? null : `{"at":${at}}`,
  }));

const many = (): Row[] =>
  Array.from({ length: MANY }, (_, at) => ({ host: `h${at % 7}`, seq: at, at: BigInt(at) * 1_000n, note: null }));

/** Rows are read to the last one, in pages and in streams. */
export function readsWhole(engine: () => Engine): void {
  const begin = (): Promise<Trial> => Trial.begin(engine(), { columns: COLUMNS, key: ['host', 'seq'] });

  async function pages(trial: Trial, columns: string[], limit: number, after: string[] = []): Promise<Cell[][]> {
    const rows: Cell[][] = [];
    let page: Awaited<ReturnType<Trial['query']>> | undefined;
    do {
      page = await trial.query({ columns, limit, page: page?.next ? { after: page.next } : {} });
      rows.push(...page.rows.map((row) => [...row]));
      const come = after.shift();
      if (come !== undefined) await trial.append([{ host: come, seq: 1, at: 0n, note: null }]);
    } while (page.next);
    return rows;
  }

  async function taken(stream: AsyncIterable<RowsPart>): Promise<RowsPart[]> {
    const parts: RowsPart[] = [];
    for await (const part of stream) parts.push(part);
    return parts;
  }

  describe('a page of rows', () => {
    it.each([1, 7, 10, 40, 41])('gives every row once and in order, %d at a time', async (limit) => {
      const trial = await begin();
      await trial.append(ties());
      const all = await trial.rows(['at', 'host', 'seq']);
      expect(all.length).toBe(40);
      expect(await pages(trial, ['at', 'host', 'seq'], limit)).toEqual(all);
    });

    it('goes on where it was, whatever columns are read and whatever comes before', async () => {
      const trial = await begin();
      await trial.append(ties());
      const notes = await pages(trial, ['note'], 6, ['new', 'newer']);
      expect(notes).toEqual((await trial.rows(['note'])).slice(2));
    });

    it('is refused where there is no such place, and for an order of its own', async () => {
      const trial = await begin();
      await expect(trial.query({ page: { after: ['yesterday', 'a', 1] } })).rejects.toThrow(Unprocessable);
      await expect(trial.query({ page: { after: ['2026-01-01T00:00:00Z', 'a'] } })).rejects.toThrow(Unprocessable);
      const order = [{ by: 'seq', descending: true }];
      await expect(trial.query({ page: {}, order })).rejects.toThrow(Unprocessable);
    });
  });

  describe('a stream of rows', () => {
    it('gives all there is, part by part, of the moment it began', async () => {
      const trial = await begin();
      await trial.append(many());
      const stream = trial.store.stream({ ...trial.ref, ...PLAN, columns: ['seq'] })[Symbol.asyncIterator]();
      const first = await stream.next();
      await trial.append([{ host: 'late', seq: -1, at: 0n, note: null }]);
      const parts = [first.value as RowsPart]; // the stream has rows
      for (let step = await stream.next(); !step.done; step = await stream.next()) parts.push(step.value);
      const seen = parts.flatMap(({ rows }) => rows.map(([seq]) => Number(seq))).sort((one, other) => one - other);
      expect(seen).toEqual(Array.from({ length: MANY }, (_, at) => at));
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.every(({ columns }) => columns[0]?.name === 'seq' && columns.length === 1)).toBe(true);
    });

    it('keeps to the range, the filters and the order that are asked', async () => {
      const trial = await begin();
      await trial.append(many());
      const parts = await taken(
        trial.store.stream({
          ...trial.ref,
          ...PLAN,
          columns: ['seq'],
          fromUs: '5000',
          toUs: '12000',
          filters: [{ column: 'host', op: 'ne', value: 'h0' }],
          order: [{ by: 'at', descending: true }],
        }),
      );
      expect(parts.flatMap(({ rows }) => rows)).toEqual([[11], [10], [9], [8], [6], [5]]);
    });

    it('comes in parts that another process can take whole, however large the rows (rule 9)', async () => {
      const trial = await begin();
      const note = `"${'x'.repeat(2 ** 20)}"`;
      await trial.append(Array.from({ length: 12 }, (_, at) => ({ host: 'a', seq: at, at: BigInt(at), note })));
      const parts = await taken(trial.store.stream({ ...trial.ref, ...PLAN, columns: ['seq', 'note'] }));
      expect(Math.max(...parts.map((part) => part.rows.length))).toBeLessThan(4);
      const seen = parts.flatMap(({ rows }) => rows.map(([seq]) => Number(seq))).sort((one, other) => one - other);
      expect(seen).toEqual(Array.from({ length: 12 }, (_, at) => at));
    });

    it('gives as many groups as there are', async () => {
      const trial = await begin();
      await trial.append(many());
      const measures = [{ name: 'n', fn: 'count' as const }];
      const parts = await taken(trial.store.stream({ ...trial.ref, ...PLAN, measures, dimensions: ['seq'] }));
      const rows = parts.flatMap((part) => part.rows);
      expect(rows.length).toBe(MANY);
      expect(rows[1]).toEqual([1, 1]);
    });

    it('tells the columns where there is no row', async () => {
      const trial = await begin();
      expect(await taken(trial.store.stream({ ...trial.ref, ...PLAN, columns: ['at'] }))).toEqual([
        { columns: [{ name: 'at', type: 'timestamp' }], rows: [] },
      ]);
    });

    it('lets go of what it holds when nobody wants the rest, as often as that happens', async () => {
      const trial = await begin();
      await trial.append(many());
      for (let time = 0; time < 6; time += 1) {
        for await (const part of trial.store.stream({ ...trial.ref, ...PLAN })) {
          expect(part.rows.length).toBeGreaterThan(0);
          break;
        }
      }
      expect((await trial.totals()).held).toBe(MANY);
    });
  });
}
