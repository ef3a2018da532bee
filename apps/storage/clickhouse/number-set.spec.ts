import fc from 'fast-check';
import { noneOfSql } from './number-set';

/** What the condition says of a number. */
function holds(sql: string, number: bigint): boolean {
  return sql.split(' AND n ').every((text) => {
    const [, from, to] = /NOT BETWEEN (\d+) AND (\d+)$/.exec(text) ?? [];
    if (from !== undefined && to !== undefined) return number < BigInt(from) || number > BigInt(to);
    return !(/\((.*)\)/.exec(text)?.[1] ?? '').split(', ').includes(String(number));
  });
}

describe('a condition on numbers', () => {
  it('leaves out exactly the given ones', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 60n), { minLength: 1, maxLength: 60 }), (numbers) => {
        const sql = noneOfSql('n', numbers) ?? '';
        for (let number = 0n; number <= 61n; number += 1n) {
          expect([number, holds(sql, number)]).toEqual([number, !numbers.includes(number)]);
        }
      }),
    );
  });

  it('stays short for a hundred thousand in a row', () => {
    const numbers = Array.from({ length: 100_000 }, (_, at) => BigInt(at) + 7n);
    expect(noneOfSql('n', numbers)).toBe('n NOT BETWEEN 7 AND 100006');
    expect(noneOfSql('n', [])).toBeUndefined();
  });
});
