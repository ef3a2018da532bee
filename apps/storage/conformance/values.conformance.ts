import { ColumnDef } from '#libs/contracts/columns';
import { Engine, refusal, Row, Trial } from './trial.conformance';

const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'text', type: 'string', nullable: true },
  { name: 'whole', type: 'int', nullable: true },
  { name: 'number', type: 'double', nullable: true },
  { name: 'flag', type: 'bool', nullable: true },
  { name: 'moment', type: 'timestamp', nullable: true },
  { name: 'tree', type: 'json', nullable: true },
];
const AT = '2026-01-01T00:00:00Z';

/** What goes in comes out, or is refused with a reason. */
export function keepsValues(engine: () => Engine): void {
  const trial = (): Promise<Trial> => Trial.begin(engine(), { columns: COLUMNS });

  async function roundTrip(column: string, values: readonly Row[string][]): Promise<unknown[]> {
    const one = await trial();
    await one.append(values.map((value, at) => ({ id: String(at).padStart(4, '0'), at: AT, [column]: value })));
    return (await one.rows([column])).map(([cell]) => cell);
  }

  describe('values', () => {
    it('keeps texts of any script, empty ones, quotes, zeros and line ends', async () => {
      const texts = [
        '',
        ' ',
        'é',
        '𝄞 clef',
        '日本語',
        'עברית',
        '"\'`;--',
        'a\u0000b',
        'line\r\nend\ttab',
        '\\N',
        'NULL',
        '🏳️‍🌈',
      ];
      expect(await roundTrip('text', texts)).toEqual(texts);
    });

    it('keeps ints to the ends of 64 bits; those beyond 2^53 come as text', async () => {
      const ints = [0n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];
      expect(await roundTrip('whole', ints)).toEqual([
        0,
        -1,
        9007199254740991,
        '9007199254740992',
        '9223372036854775807',
        '-9223372036854775808',
      ]);
    });

    it('keeps doubles to the last bit, and a decimal as the double nearest to it', async () => {
      const doubles = [0.1, 1 / 3, 5e-324, Number.MAX_VALUE, -2.5, 1e21, 12345.678901234567, 0.1 + 0.2];
      expect(await roundTrip('number', doubles)).toEqual(doubles);
    });

    it('keeps times to the microsecond, from the year 1 to the year 9999', async () => {
      const times = [
        '0001-01-01T00:00:00.000Z',
        '1582-10-10T00:00:00.000Z',
        '1899-12-31T23:59:59.999999Z',
        '1969-12-31T23:59:59.999999Z',
        '1970-01-01T00:00:00.000Z',
        '2024-02-29T12:34:56.789012Z',
        '2299-12-31T23:59:59.999999Z',
        '9999-12-31T23:59:59.999999Z',
      ];
      expect(await roundTrip('moment', times)).toEqual(times);
    });

    it('keeps far times as the time of the event, in order, and finds them by range', async () => {
      const one = await trial();
      const times = ['9999-12-31T23:59:59.999999Z', '0001-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000001Z'];
      await one.append(times.map((at) => ({ id: 'a', at })));
      expect(await one.rows(['at'])).toEqual([[times[1]], [times[2]], [times[0]]]);
      const us = BigInt(Date.UTC(2026, 0, 1)) * 1_000n;
      const near = await one.query({ columns: ['at'], fromUs: String(us + 1n), toUs: String(us + 2n) });
      expect(near.rows).toEqual([[times[2]]]);
      expect(await one.append(times.map((at) => ({ id: 'a', at })))).toMatchObject({ stored: 0, duplicate: 3 });
    });

    it('keeps flags, json as it was written, and nulls of every type', async () => {
      const one = await trial();
      const tree = { a: [1, 2.5, null, { b: 'é' }], c: '' };
      await one.append([
        { id: 'a', at: AT, text: 't', whole: 1, number: 1.5, flag: true, moment: AT, tree: JSON.stringify(tree) },
        { id: 'b', at: AT },
        { id: 'c', at: AT, flag: false, tree: 'null' },
      ]);
      expect(await one.rows()).toEqual([
        ['a', '2026-01-01T00:00:00.000Z', 't', 1, 1.5, true, '2026-01-01T00:00:00.000Z', tree],
        ['b', '2026-01-01T00:00:00.000Z', null, null, null, null, null, null],
        ['c', '2026-01-01T00:00:00.000Z', null, null, null, false, null, null],
      ]);
      for (const name of ['text', 'whole', 'number', 'flag', 'moment', 'tree']) {
        const there = await one.query({ columns: ['id'], filters: [{ column: name, op: 'is_not_null' }] });
        expect(there.rows.flat()).toEqual(name === 'flag' || name === 'tree' ? ['a', 'c'] : ['a']);
      }
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      'refuses %p, naming its row',
      async (value) => {
        const one = await trial();
        const error = await refusal(
          one.append([
            { id: 'a', at: AT, number: 1 },
            { id: 'b', at: AT, number: value },
          ]),
        );
        expect(error).toMatchObject({ code: 'append.malformed' });
        expect(error.message).toMatch(/"number" holds in row 1 no finite number/);
        expect(await one.rows()).toEqual([]);
        expect(await one.totals()).toMatchObject({ stored: 0, held: 0 });
      },
    );

    it.each<[string, Row, RegExp]>([
      ['half of a surrogate pair', { id: 'a\ud800', at: AT }, /"id" holds in row 0 a text that is not well-formed/],
      ['a time after the year 9999', { id: 'a', at: 253402300800000000n }, /"at" holds in row 0 a time outside/],
      ['what is not JSON', { id: 'a', at: AT, tree: '{' }, /"tree" holds in row 0 a text that is not JSON/],
      ['a null where none may be', { id: null, at: AT }, /"id" is null in row 0/],
    ])('refuses %s', async (_, row, reason) => {
      const error = await refusal((await trial()).append([row]));
      expect(error).toMatchObject({ code: 'append.malformed' });
      expect(error.message).toMatch(reason);
    });

    it('tells -0 and 0 no more apart in a key than they are', async () => {
      const columns: ColumnDef[] = [
        { name: 'id', type: 'double', nullable: false },
        { name: 'at', type: 'timestamp', nullable: false },
      ];
      const one = await Trial.begin(engine(), { columns });
      const receipt = await one.append([
        { id: 0, at: AT },
        { id: -0, at: AT },
      ]);
      expect(receipt).toMatchObject({ stored: 1, duplicate: 1 });
    });
  });

  describe('reading by key', () => {
    it('finds the rows of a key, the newest first, and the append that stored each', async () => {
      const one = await trial();
      await one.append(
        [
          { id: 'b', at: AT },
          { id: 'a', at: AT, whole: 1 },
        ],
        { appendId: 'first' },
      );
      await one.append([{ id: 'a', at: '2026-01-02T00:00:00Z', whole: 2 }], { appendId: 'second' });
      const found = await one.store.find({ ...one.ref, key: { id: 'a' }, limit: 10 });
      const at = found.columns.findIndex(({ name }) => name === 'whole');
      expect(found.rows.map((row) => row[at])).toEqual([2, 1]);
      expect(found.origins).toEqual([
        { appendId: 'second', row: 0 },
        { appendId: 'first', row: 1 },
      ]);
      expect((await one.store.find({ ...one.ref, key: { id: 'a' }, at: AT, limit: 10 })).origins).toEqual([
        { appendId: 'first', row: 1 },
      ]);
      expect(await refusal(one.store.find({ ...one.ref, key: {}, limit: 1 }))).toMatchObject({
        code: 'key.incomplete',
      });
    });

    it('tells the row that merged as the origin, and after a replay the new append', async () => {
      const columns: ColumnDef[] = [...COLUMNS, { name: 'rev', type: 'int', nullable: false }];
      const one = await Trial.begin(engine(), { columns, mode: 'merge', versionColumn: 'rev' });
      const origins = async (): Promise<unknown> =>
        (await one.store.find({ ...one.ref, key: { id: 'a' }, limit: 10 })).origins;
      await one.append([{ id: 'a', at: AT, rev: 1 }], { appendId: 'b/1/1' });
      await one.append(
        [
          { id: 'x', at: AT, rev: 1 },
          { id: 'a', at: AT, rev: 2 },
        ],
        { appendId: 'c/1/1' },
      );
      expect(await origins()).toEqual([{ appendId: 'c/1/1', row: 1 }]);
      await one.append([{ id: 'a', at: AT, rev: 2 }], { appendId: 'c/1/2', replaces: ['c/1/1'] });
      expect(await origins()).toEqual([{ appendId: 'c/1/2', row: 0 }]);
    });
  });
}
