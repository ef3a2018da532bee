import fc from 'fast-check';
import { balance, Books } from './balance';

const count = fc.nat(1_000_000);

/** Books as an honest history leaves them, with nothing pending. */
const honest: fc.Arbitrary<Books> = fc
  .record({
    filtered: count,
    quarantined: count,
    stored: count,
    duplicate: count,
    merged: count,
    stale: count,
    expired: count,
    discarded: count,
  })
  .map(({ filtered, quarantined, stored, duplicate, merged, stale, expired, discarded }) => {
    const produced = stored + merged + stale + duplicate;
    const gone = Math.min(expired, stored);
    return {
      inbox: {
        versions: [
          {
            version: 3,
            accepted: produced + filtered + quarantined + discarded,
            normalized: produced,
            filtered,
            quarantined,
            produced,
            stored,
            merged,
            stale,
            duplicate,
            pending: 0,
            superseded: 0,
            discarded,
          },
        ],
      },
      quarantine: { quarantined, discarded, held: 0 },
      dataset: { stored, held: stored - gone, expired: gone, erased: 0, replaced: 0 },
      feeding: { stored, pending: 0 },
    };
  });

describe('balance', () => {
  it('leaves out of what pipelines stored the rows that imports brought, and nothing else', () => {
    const books = fc.sample(honest, 1)[0]!;
    const { stored, held } = books.dataset;
    const dataset = { ...books.dataset, stored: stored + 7, held: held + 7, imported: 7 };
    expect(balance({ ...books, dataset }).problems).toEqual([]);
    expect(balance({ ...books, dataset: { ...dataset, imported: 6 } }).problems).toHaveLength(1);
  });

  it('balances any honest history', () => {
    fc.assert(fc.property(honest, (books) => expect(balance(books).problems).toEqual([])));
  });

  it('tells of every single number that is off', () => {
    fc.assert(
      fc.property(honest, fc.constantFrom('accepted', 'filtered', 'produced', 'stored', 'duplicate'), (books, name) => {
        const [version] = books.inbox.versions;
        const tampered = { ...books, inbox: { versions: [{ ...version!, [name]: version![name as 'accepted'] + 1 }] } };
        expect(balance(tampered).problems.length).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(honest, fc.constantFrom('stored', 'held', 'expired'), (books, name) => {
        const dataset = { ...books.dataset, [name]: books.dataset[name as 'held'] + 1 };
        expect(balance({ ...books, dataset }).problems.length).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(honest, (books) => {
        const quarantine = { ...books.quarantine, quarantined: books.quarantine.quarantined + 1 };
        expect(balance({ ...books, quarantine }).problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it('lets the books be ahead of the quarantine by what a retry holds, and by no more', () => {
    const books = fc.sample(honest, 1)[0]!;
    const quarantine = { ...books.quarantine, quarantined: books.quarantine.quarantined + 5 };
    expect(balance({ ...books, quarantine: { ...quarantine, held: 5 } }).problems).toEqual([]);
    expect(balance({ ...books, quarantine: { ...quarantine, held: 4 } }).problems).toHaveLength(1);
  });

  it('lets storage be ahead of the inbox while work is pending, and never behind', () => {
    const books = fc.sample(honest, 1)[0]!;
    const ahead = { ...books.dataset, stored: books.dataset.stored + 5, held: books.dataset.held + 5 };
    const pending = { ...books.feeding, pending: 5 };
    expect(balance({ ...books, dataset: ahead, feeding: pending }).problems).toEqual([]);
    expect(balance({ ...books, dataset: ahead }).problems).toHaveLength(1);
    const behind = { ...books.feeding, stored: books.feeding.stored + 5, pending: 5 };
    expect(balance({ ...books, feeding: behind }).problems).toHaveLength(1);
  });
});
