import { RowJson } from '#libs/contracts/preview';
import { RecordOutcome } from '#libs/contracts/rows-difference';
import { Difference } from './difference';

const normalized = (...rows: RowJson[]): RecordOutcome => ({ outcome: 'normalized', rows });
const quarantined: RecordOutcome = { outcome: 'quarantined', rows: [], step: 'map', reason: 'no' };
const filtered: RecordOutcome = { outcome: 'filtered', rows: [] };

describe('what two versions make of the same records', () => {
  const record = () => ({ batchId: 'b', index: 0, raw: '{}' });
  let difference: Difference;
  beforeEach(() => {
    difference = new Difference();
  });
  const add = (before: RecordOutcome, after: RecordOutcome): void => difference.add(before, after, record);

  it('is nothing where the rows are the same, whatever the order of their columns', () => {
    add(normalized({ a: 1, b: { c: [1], d: 2 } }), normalized({ b: { d: 2, c: [1] }, a: 1 }));
    add(quarantined, { ...quarantined, reason: 'in other words' });
    add(filtered, filtered);
    expect(difference).toMatchObject({ records: 3, changed: 0, examples: [], fields: [], outcomes: [] });
  });

  it('names the fields that differ and in how many rows; a new column that is null is no difference', () => {
    add(normalized({ a: 1, b: 1 }), normalized({ a: 2, b: 1, c: null }));
    add(normalized({ a: 1, b: 1 }, { a: 1, b: 1 }), normalized({ a: 2, b: 1 }, { a: 2, b: 2 }));
    expect(difference.fields).toEqual([
      { field: 'a', rows: 3 },
      { field: 'b', rows: 1 },
    ]);
    expect(difference).toMatchObject({ records: 2, changed: 2, rowsBefore: 3, rowsAfter: 3 });
  });

  it('counts records that end otherwise, and those that become more rows or fewer', () => {
    add(normalized({ a: 1 }), quarantined);
    add(normalized({ a: 1 }), quarantined);
    add(filtered, normalized({ a: 1 }));
    add(normalized({ a: 1 }), normalized({ a: 1 }, { a: 2 }));
    expect(difference.outcomes).toEqual([
      { from: 'normalized', to: 'quarantined', records: 2 },
      { from: 'filtered', to: 'normalized', records: 1 },
    ]);
    expect(difference).toMatchObject({ changed: 4, rowsBefore: 3, rowsAfter: 3 });
  });

  it('shows a few of each kind, so that a frequent change does not hide a rare one', () => {
    for (let at = 0; at < 50; at += 1) add(normalized({ a: at }), normalized({ a: at + 1 }));
    add(normalized({ b: 1 }), normalized({ b: 2 }));
    add(normalized({ a: 1 }), filtered);
    expect(difference.examples.map(({ after }) => after.rows[0] ?? after.outcome)).toEqual([
      { a: 1 },
      { a: 2 },
      { a: 3 },
      { b: 2 },
      'filtered',
    ]);
  });
});
