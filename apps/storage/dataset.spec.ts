import { InstallDataset } from '#libs/contracts/storage.contract';
import { Dataset, evolve, problemsOf } from './dataset';

const base: InstallDataset = {
  project: 'default',
  dataset: 'orders',
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'n', type: 'int', nullable: true },
    { name: 'rev', type: 'int', nullable: false },
  ],
  time: 'at',
  key: ['id'],
};

const first = (request: InstallDataset = base): Dataset => evolve(undefined, request, false).dataset;
const withType = (name: string, type: 'double' | 'string' | 'int'): InstallDataset => ({
  ...base,
  columns: base.columns.map((column) => (column.name === name ? { ...column, type } : column)),
});
const problem = (existing: Dataset, request: InstallDataset, hasRows = true): string =>
  problemsOf(existing, request, hasRows).problems.join();

describe('a dataset that changes', () => {
  it('takes new columns that may be null, and those alone once rows are there', () => {
    const more = (nullable: boolean): InstallDataset => ({
      ...base,
      columns: [...base.columns, { name: 'note', type: 'string', nullable }],
    });
    expect(evolve(first(), more(true), true)).toMatchObject({
      added: [{ name: 'note' }],
      dataset: { schemaVersion: 2 },
    });
    expect(problem(first(), more(false))).toMatch(/new column "note" must allow null/);
    expect(problem(first(), more(false), false)).toBe('');
  });

  it('widens an int to a double, goes on taking ints, and never narrows', () => {
    const { dataset, widened } = evolve(first(), withType('n', 'double'), true);
    expect(widened).toEqual([{ name: 'n', type: 'double', nullable: true }]);
    expect(evolve(dataset, base, true).dataset).toBe(dataset);
  });

  it('says that a breaking change takes a new dataset, and how it could be called', () => {
    expect(problem(first(), withType('n', 'string'))).toBe(
      'Dataset "orders" holds "n" as int, which cannot become string. Store into a new one instead, as in "orders_v2".',
    );
    const second = first({ ...base, dataset: 'orders_v2' });
    expect(problem(second, { ...withType('n', 'string'), dataset: 'orders_v2' })).toMatch(/as in "orders_v3"/);
  });

  it('keeps what tells events apart as it is', () => {
    const merging: InstallDataset = { ...base, mode: 'merge', versionColumn: 'rev' };
    expect(problem(first(), merging)).toMatch(
      /keeps every event of a key and time, and cannot come to keep the newest "rev" of each key/,
    );
    expect(problem(first(), { ...base, dedupe: 'key' })).toMatch(/cannot come to keep one event a key/);
    expect(problem(first(merging), merging)).toBe('');
    expect(problem(first(merging), { ...merging, columns: withType('rev', 'double').columns })).toMatch(
      /tells its events apart by the int "rev"/,
    );
  });

  it('names every member of a merge that does not fit', () => {
    const wrong: InstallDataset = { ...base, mode: 'merge', versionColumn: 'id', deletedColumn: 'n', dedupe: 'key' };
    expect(() => first(wrong)).toThrow(
      expect.objectContaining({
        code: 'dataset.invalid',
        details: {
          fields: [
            expect.objectContaining({ path: 'dedupe' }),
            expect.objectContaining({ path: 'versionColumn' }),
            expect.objectContaining({ path: 'deletedColumn' }),
          ],
        },
      }) as Error,
    );
  });
});
