import { budget } from './budget';
import { compileCel, Scope } from './cel';
import { Failure } from './failure';
import { HOSTILE } from './hostile-expressions.testing';

const META: Scope['meta'] = { received_at: new Date('2018-02-01T00:00:00Z'), batch: 'b', index: 0n, item: 0n };
const NAMED = /took more than \d+ steps; loop over fewer items|built a value of more than \d+ characters or items/;

/** Rule 27, by counting and not by the clock: `npm run bench:normalize` prints how long the slowest of these takes. */
describe('hostile expressions', () => {
  it.each(HOSTILE)(
    'rule 27: $what ends after a bounded number of steps, with a reason that says so',
    ({ source, raw }) => {
      for (const how of ['direct', 'library'] as const) {
        budget.beginRecord();
        const value = compileCel(source, { hasRow: false }, how).evaluate({ raw, meta: META });
        expect(value).toBeInstanceOf(Failure);
        expect((value as Failure).reason).toMatch(NAMED);
        expect(budget.expressionSteps).toBeGreaterThan(0);
      }
    },
  );

  it('rule 27: ends in the same way each time', () => {
    const ends = HOSTILE.map(({ source, raw }) => {
      const expression = compileCel(source, { hasRow: false });
      return [1, 2].map(() => {
        budget.beginRecord();
        return [expression.evaluate({ raw, meta: META }), budget.expressionSteps];
      });
    });
    for (const [first, second] of ends) expect(second).toEqual(first);
  });

  it('leaves room for what people do: a thousand items, a page of text, a pattern over it', () => {
    const items = Array.from({ length: 1_000 }, (_, at) => ({ sku: `sku-${at}`, price: at, tags: ['a', 'b'] }));
    const page = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit. '.repeat(200);
    for (const source of [
      'raw.items.filter(i, i.price > 10 && "a" in i.tags).map(i, i.sku + ":" + string(i.price)).join(",")',
      'raw.items.exists(i, i.sku == "sku-999") && raw.items.all(i, raw.items[0].price <= i.price)',
      'replace_re(raw.page, "\\\\s+", " ")',
      'raw.page.matches("(?i)lorem|ipsum|dolor|sit|amet") && extract(raw.page, "(\\\\w+)\\\\.") != ""',
      'raw.page.split(" ").filter(w, size(w) > 3).size() > 100',
    ]) {
      budget.beginRecord();
      const value = compileCel(source, { hasRow: false }).evaluate({ raw: { items, page }, meta: META });
      expect(value).not.toBeInstanceOf(Failure);
    }
  });
});
