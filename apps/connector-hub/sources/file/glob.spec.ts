import { folderMatcher, globMatcher } from './glob';

describe('which files match', () => {
  it.each([
    ['*.csv', ['a.csv', 'ä b.csv', '.csv'], ['a/b.csv', 'a.csv.gz', 'acsv']],
    ['**/*.csv', ['a.csv', 'a/b.csv', 'a/b/c.csv'], ['a.txt', 'a/.txt']],
    ['2026/**', ['2026/a', '2026/01/a'], ['2025/a', '2026']],
    ['day-??.ndjson', ['day-01.ndjson'], ['day-1.ndjson', 'day-0/.ndjson']],
    ['a+(b)[c].csv', ['a+(b)[c].csv'], ['aab[c].csv', 'a+(b)c.csv']],
  ])('%s', (glob, yes, no) => {
    const matches = globMatcher(glob);
    expect([...yes, ...no].filter(matches)).toEqual(yes);
  });

  it.each([
    ['*.csv', [], ['a', 'a/b']],
    ['2026-*/*.csv', ['2026-01'], ['2025', '2026-01/a']],
    ['2026/**/*.csv', ['2026', '2026/a', '2026/a/b'], ['2025', '2025/2026']],
    ['**/*.csv', ['a', 'a/b'], []],
    ['a**/x', ['b', 'a/c'], []], // what stands beside ** may go over folders
  ])('in %s, by the folders that can hold it', (glob, yes, no) => {
    const mayHold = folderMatcher(glob);
    expect([...yes, ...no].filter(mayHold)).toEqual(yes);
  });

  it('does not backtrack', () => {
    expect(globMatcher(`${'*a'.repeat(40)}*b`)('a'.repeat(10_000))).toBe(false);
  });
});
