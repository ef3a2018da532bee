import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadRequest } from '#libs/errors/errors';
import { arrowOf } from './arrow';
import { csvOf } from './csv';
import { acceptedFormat } from './formats';
import { jsonPieces } from './json';
import { ndjsonOf } from './ndjson';
import { parquetOf } from './parquet';
import { Rows, Table } from './table';

const COLUMNS: Table['columns'] = [
  { name: 'at', type: 'timestamp' },
  { name: 'name', type: 'string' },
  { name: 'n', type: 'int' },
  { name: 'v', type: 'double' },
  { name: 'ok', type: 'bool' },
  { name: 'raw', type: 'json' },
];

const ROWS: Rows = [
  ['2026-01-31T12:00:00.000001Z', 'a "b",\n', 1, 0.5, true, { a: [1] }],
  [null, '=1+1', '9223372036854775807', -2, false, null],
  ['1969-12-31T23:59:59.000Z', '', null, null, null, 'text'],
];

/** The rows in two parts. */
const TABLE: Table = { columns: COLUMNS, parts: [ROWS.slice(0, 1), ROWS.slice(1)] };

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe('tables', () => {
  it('writes CSV that spreadsheets take for data and never for formulas (rule 30)', async () => {
    expect(await textOf(csvOf(TABLE))).toBe(
      'at,name,n,v,ok,raw\r\n' +
        '2026-01-31T12:00:00.000001Z,"a ""b"",\n",1,0.5,true,"{""a"":[1]}"\r\n' +
        ",'=1+1,9223372036854775807,-2,false,\r\n" +
        '1969-12-31T23:59:59.000Z,"",,,,text\r\n',
    );
    for (const start of ['=', '+', '-', '@', '\t', '\0']) {
      const parts = [[[`${start}cmd`]]];
      const text = await textOf(csvOf({ columns: [{ name: 'x', type: 'string' }], parts }));
      expect(text).toBe(`x\r\n'${start}cmd\r\n`);
    }
  });

  it('writes numbers side by side in CSV as it writes them alone, nulls and ints of many digits among them', async () => {
    const columns: Table['columns'] = [
      { name: 'name', type: 'string' },
      { name: 'a', type: 'int' },
      { name: 'b', type: 'double' },
    ];
    const rows: Rows = [
      ['x', 1, 1e21],
      [null, -7, 5e-324],
      ['', null, -0],
      ['=', '9007199254740993', 0.1],
      ['y', 3, 'Infinity'],
    ];
    expect(await textOf(csvOf({ columns, parts: [rows] }))).toBe(
      'name,a,b\r\nx,1,1e+21\r\n,-7,5e-324\r\n"",,0\r\n\'=,9007199254740993,0.1\r\ny,3,Infinity\r\n',
    );
  });

  it('writes Arrow columns of numbers with nulls at any place', async () => {
    const columns: Table['columns'] = [
      { name: 'at', type: 'timestamp' },
      { name: 'n', type: 'int' },
      { name: 'v', type: 'double' },
    ];
    const rows: Rows = Array.from({ length: 1_200 }, (_, at) => [
      at % 3 === 0 ? null : `2026-01-01T00:00:${String(Math.floor(at / 100)).padStart(2, '0')}.000001Z`,
      at % 5 === 0 ? null : at,
      at % 7 === 0 ? null : at / 3,
    ]);
    const table = tableFromIPC(await bytesOf(arrowOf({ columns, parts: [rows.slice(0, 1_000), rows.slice(1_000)] })));
    const column = (name: string): unknown[] => [...table.getChild(name)!];
    expect(column('n')).toEqual(rows.map(([, n]) => (n === null ? null : BigInt(Number(n)))));
    expect(column('v')).toEqual(rows.map(([, , v]) => v));
    expect(column('at').map((value) => value === null)).toEqual(rows.map(([at]) => at === null));
    expect(table.getChild('at')?.nullCount).toBe(400);
    expect(table.getChild('at')?.data.map(({ values }) => (values as BigInt64Array)[1])).toEqual([
      1_767_225_600_000_001n,
      1_767_225_610_000_001n,
    ]);
  });

  it.each([0, 1, 1_000, 2_500])('writes the JSON of %d rows in pieces as it would at once', (count) => {
    const rows = Array.from({ length: count }, (_, at) => ROWS[at % ROWS.length]!);
    const answer = { columns: COLUMNS, rows, truncated: false, coverage: undefined, asOf: 'now' };
    const pieces = [...jsonPieces(answer)];
    expect(pieces.join('')).toBe(JSON.stringify(answer));
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100_000);
  });

  it('writes NDJSON that reads back as what it was', async () => {
    const lines = (await textOf(ndjsonOf(TABLE))).trimEnd().split('\n');
    expect(
      lines.map((line): unknown[] => Object.values(JSON.parse(line) as Readonly<Record<string, unknown>>)),
    ).toEqual(ROWS);
  });

  it('writes Arrow that reads back to the microsecond and the last digit', async () => {
    const table = tableFromIPC(await bytesOf(arrowOf(TABLE)));
    expect(table.schema.fields.map(({ name }) => name)).toEqual(COLUMNS.map(({ name }) => name));
    const column = (name: string): unknown[] => {
      const vector = table.getChild(name);
      return Array.from({ length: vector?.length ?? 0 }, (_, at): unknown => vector?.get(at));
    };
    expect(column('name')).toEqual(['a "b",\n', '=1+1', '']);
    expect(column('n')).toEqual([1n, 9223372036854775807n, null]);
    expect(column('v')).toEqual([0.5, -2, null]);
    expect(column('ok')).toEqual([true, false, null]);
    expect(column('raw')).toEqual(['{"a":[1]}', null, '"text"']);
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([1, 2]);
    expect(table.getChild('at')?.data[0]?.values[0]).toBe(1_769_860_800_000_001n);
    expect(table.getChild('at')?.get(1)).toBeNull();
  });

  it('writes Parquet that another reader takes for the same, to the microsecond and the last digit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parquet-'));
    try {
      const file = join(folder, 'rows.parquet');
      await writeFile(file, await bytesOf(parquetOf(TABLE)));
      const duck = await (await DuckDBInstance.create()).connect();
      const types = await duck.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${file}')`);
      expect(types.getRows().map(([name, type]) => [name, type])).toEqual([
        ['at', 'TIMESTAMP WITH TIME ZONE'],
        ['name', 'VARCHAR'],
        ['n', 'BIGINT'],
        ['v', 'DOUBLE'],
        ['ok', 'BOOLEAN'],
        ['raw', 'JSON'],
      ]);
      const rows = await duck.runAndReadAll(
        `SELECT epoch_us("at"), name, n, v, ok, raw::VARCHAR FROM read_parquet('${file}')`,
      );
      expect(rows.getRows()).toEqual([
        [1_769_860_800_000_001n, 'a "b",\n', 1n, 0.5, true, '{"a":[1]}'],
        [null, '=1+1', 9223372036854775807n, -2, false, null],
        [-1_000_000n, '', null, null, null, '"text"'],
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('holds no more of a large Parquet file than a row group (rule 9)', async () => {
    let made = 0;
    function* parts(): Generator<Rows> {
      for (; made < 100; made += 1) yield Array.from({ length: 2_000 }, (_, at) => [null, `n${at}`, at, 1, true, null]);
    }
    let size = 0;
    const madeBefore: number[] = [];
    for await (const piece of parquetOf({ columns: COLUMNS, parts: parts() })) {
      madeBefore.push(made);
      size += piece.byteLength;
    }
    expect(madeBefore[0]).toBeLessThan(50);
    expect(madeBefore.length).toBeGreaterThan(2);
    expect(size).toBeGreaterThan(100_000);
  });

  it('writes files without rows that still tell their columns', async () => {
    const empty: Table = { columns: COLUMNS, parts: [] };
    expect(tableFromIPC(await bytesOf(arrowOf(empty))).schema.fields.length).toBe(COLUMNS.length);
    expect(await textOf(csvOf(empty))).toBe('at,name,n,v,ok,raw\r\n');
    expect((await bytesOf(parquetOf(empty))).subarray(-4).toString()).toBe('PAR1');
  });

  it('takes the format that the caller likes best, JSON where anything is taken', () => {
    expect(acceptedFormat(undefined)).toBe('json');
    expect(acceptedFormat('*/*')).toBe('json');
    expect(acceptedFormat('text/csv')).toBe('csv');
    expect(acceptedFormat('text/csv;q=0.5, application/vnd.apache.arrow.stream')).toBe('arrow');
    expect(acceptedFormat('application/x-ndjson, */*;q=0.1')).toBe('ndjson');
    expect(() => acceptedFormat('image/png')).toThrow(BadRequest);
  });
});
