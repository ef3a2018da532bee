import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUARANTEES_BY_KIND, withGuarantees } from './guarantee-table';

const ROOT = join(__dirname, '..', '..', '..');

/** What the tests of a spec are called, those that are left out not among them. */
const titlesOf = (spec: string): string[] =>
  [...spec.matchAll(TITLE)].map(({ groups = {} }) => groups.title ?? '').filter((title) => title !== '');
/** Behind `it(`, or behind the table of an `it.each`. */
const TITLE = /(?:\bit\(|\)\()\s*(?<quote>['"`])(?<title>(?:\\.|(?!\k<quote>).)+)\k<quote>/gs;

describe('the table of sources and guarantees', () => {
  const claims = Object.entries(GUARANTEES_BY_KIND).flatMap(([kind, guarantees]) =>
    Object.entries(guarantees).flatMap(([guarantee, evidence]) =>
      'test' in evidence ? [{ kind, guarantee, ...evidence }] : [],
    ),
  );

  it.each(claims)('$kind: the test of "$guarantee" is there', ({ file, test }) => {
    expect(titlesOf(readFileSync(join(ROOT, file), 'utf8')).filter((title) => title.includes(test))).not.toEqual([]);
  });

  it('stands in docs/connectors.md as the code declares it (npm run docs:connectors writes it)', () => {
    const page = readFileSync(join(ROOT, 'docs', 'connectors.md'), 'utf8');
    expect(withGuarantees(page)).toBe(page);
  });
});
