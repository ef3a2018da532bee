import { mergeRows } from './merge';

describe('mergeRows', () => {
  it('judges each row by what came before it and by what is held', () => {
    const { outcomes, winners } = mergeRows([
      { slot: 1, version: 2n },
      { slot: 1, version: 1n },
      { slot: 2, version: 4n, held: 5n },
      { slot: 1, version: 3n },
      { slot: 2, version: 5n, held: 5n },
      { slot: 1, version: 3n },
      { slot: 3, version: 9n, held: 8n },
    ]);
    expect(outcomes).toEqual(['stored', 'stale', 'stale', 'merged', 'duplicate', 'duplicate', 'merged']);
    expect(winners).toEqual([3, 6]);
  });

  it('writes nothing when nothing came', () => {
    expect(mergeRows([])).toEqual({ outcomes: [], winners: [] });
  });
});
