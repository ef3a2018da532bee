import type { Reshaped } from '../core/run';
import { Reshaper } from './reshaper';

const ndjson = (...records: readonly unknown[]): Buffer =>
  Buffer.from(records.map((record) => JSON.stringify(record)).join('\n'));

describe('reshape', () => {
  const reshaper = new Reshaper();
  afterAll(() => reshaper.onApplicationShutdown());
  const reshape = (jsonata: string, ...records: readonly unknown[]): Promise<Reshaped[]> =>
    reshaper.reshapePayload(jsonata, { payload: ndjson(...records), format: 'ndjson' });
  const forms = async (jsonata: string, ...records: readonly unknown[]): Promise<unknown[]> =>
    (await reshape(jsonata, ...records)).map((one) => ('json' in one ? (JSON.parse(one.json) as unknown) : 'refused'));
  const reasons = (results: readonly Reshaped[]): (string | undefined)[] =>
    results.map((one) => ('reason' in one ? one.reason : undefined));

  it('gives each record its new form', async () => {
    const expression = '{ "id": order.id, "total": $sum(lines.(price * n)), "skus": lines.sku }';
    const order = {
      order: { id: 7 },
      lines: [
        { sku: 'a', price: 2, n: 3 },
        { sku: 'b', price: 1.5, n: 2 },
      ],
    };
    expect(await forms(expression, order, { order: { id: 8 } })).toEqual([
      { id: 7, total: 9, skus: ['a', 'b'] },
      { id: 8 },
    ]);
  });

  it('reshapes records of any format', async () => {
    const payload = Buffer.from('id,n\na,1\nb,2\n');
    const results = await reshaper.reshapePayload('{ "is": id, "twice": $number(n) * 2 }', { payload, format: 'csv' });
    expect(results).toEqual([{ json: '{"is":"a","twice":2}' }, { json: '{"is":"b","twice":4}' }]);
  });

  it('refuses what is not the same twice', async () => {
    const results = await Promise.all(
      ['$now()', '$millis()', '$random()', '$shuffle([1,2])'].map((one) => reshape(one, {})),
    );
    for (const result of results) expect(reasons(result)[0]).toContain('not the same twice');
  });

  it('says why a record has no new form, and goes on with the next', async () => {
    expect(reasons(await reshape('$number(v)', { v: '1' }, { v: 'x' }, { v: '3' }))).toEqual([
      undefined,
      expect.stringContaining('Unable to cast'),
      undefined,
    ]);
    expect(reasons(await reshape('nothing', {}))).toEqual(['the expression gave nothing']);
  });

  it('rule 27: a pattern that backtracks for minutes, an endless loop and a gigabyte cost their records alone', async () => {
    const hostile = `$contains(v, /(a+)+$/) ? v : k = 1 ? ($f := function($n) { $f($n + 1) }; $f(0)) : k = 2 ? $length($pad("", 400000000, "x") & $pad("", 400000000, "y") & v) : v`;
    const results = await forms(
      hostile,
      { v: 'first', k: 0 },
      { v: `${'a'.repeat(40)}!`, k: 0 },
      { v: 'middle', k: 0 },
      { v: 'loop', k: 1 },
      { v: 'big', k: 2 },
      { v: 'last', k: 0 },
    );
    expect(results).toEqual(['first', 'refused', 'middle', 'refused', 'refused', 'last']);
    expect(await forms('v', { v: 'after all that' })).toEqual(['after all that']);
  });

  it('gives up the rest of a batch in which record after record must be ended', async () => {
    const results = await reshape(
      '$contains(v, /(a+)+$/)',
      ...Array.from({ length: 12 }, () => ({ v: `${'a'.repeat(40)}!` })),
    );
    expect(reasons(results).filter((one) => one?.startsWith('took longer'))).toHaveLength(5);
    expect(reasons(results).filter((one) => one?.startsWith('not tried'))).toHaveLength(7);
  });
});
