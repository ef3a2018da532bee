import { tableFromIPC } from 'apache-arrow';
import { BadRequest } from '#libs/errors/errors';
import { arrowOf } from './arrow';
import { csvOf } from './csv';
import { acceptedFormat } from './formats';
import { ndjsonOf } from './ndjson';
import { Table } from './table';

const TABLE: Table = {
  columns: [
    { name: 'at', type: 'timestamp' },
    { name: 'name', type: 'string' },
    { name: 'n', type: 'int' },
    { name: 'v', type: 'double' },
    { name: 'ok', type: 'bool' },
    { name: 'raw', type: 'json' },
  ],
  rows: [
    ['2026-01-31T12:00:00.000001Z', 'a "b",\n', 1, 0.5, true, { a: [1] }],
    [null, '=1+1', '9223372036854775807', -2, false, null],
    ['1969-12-31T23:59:59.000Z', '', null, null, null, 'text'],
  ],
};

describe('tables', () => {
  it('writes CSV that spreadsheets take for data and never for formulas (rule 30)', () => {
    expect([...csvOf(TABLE)].join('')).toBe(
      'at,name,n,v,ok,raw\r\n' +
        '2026-01-31T12:00:00.000001Z,"a ""b"",\n",1,0.5,true,"{""a"":[1]}"\r\n' +
        ",'=1+1,9223372036854775807,-2,false,\r\n" +
        '1969-12-31T23:59:59.000Z,"",,,,text\r\n',
    );
    for (const start of ['=', '+', '-', '@', '\t', '\0']) {
      const [, line = ''] = [...csvOf({ columns: [{ name: 'x', type: 'string' }], rows: [[`${start}cmd`]] })];
      expect(line).toBe(`'${start}cmd\r\n`);
    }
  });

  it('writes NDJSON that reads back as what it was', () => {
    const lines = [...ndjsonOf(TABLE)].join('').trimEnd().split('\n');
    expect(
      lines.map((line): unknown[] => Object.values(JSON.parse(line) as Readonly<Record<string, unknown>>)),
    ).toEqual(TABLE.rows);
  });

  it('writes Arrow that reads back to the microsecond and the last digit', async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of arrowOf(TABLE)) chunks.push(chunk);
    const table = tableFromIPC(Buffer.concat(chunks));
    expect(table.schema.fields.map(({ name }) => name)).toEqual(TABLE.columns.map(({ name }) => name));
    const column = (name: string): unknown[] => {
      const vector = table.getChild(name);
      return Array.from({ length: vector?.length ?? 0 }, (_, at): unknown => vector?.get(at));
    };
    expect(column('name')).toEqual(['a "b",\n', '=1+1', '']);
    expect(column('n')).toEqual([1n, 9223372036854775807n, null]);
    expect(column('v')).toEqual([0.5, -2, null]);
    expect(column('ok')).toEqual([true, false, null]);
    expect(column('raw')).toEqual(['{"a":[1]}', null, '"text"']);
    expect(table.getChild('at')?.data[0]?.values[0]).toBe(1_769_860_800_000_001n);
    expect(table.getChild('at')?.get(1)).toBeNull();
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
