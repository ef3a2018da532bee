import { globMatcher } from './glob';

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

  it('does not backtrack', () => {
    expect(globMatcher(`${'*a'.repeat(40)}*b`)('a'.repeat(10_000))).toBe(false);
  });
});
