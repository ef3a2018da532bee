import { ColumnDef } from '#libs/contracts/columns';
import { ResultColumn } from '#libs/contracts/query-plan';
import { Unprocessable } from '#libs/errors/errors';
import { parquetOf } from '#libs/tabular/parquet';
import { recordsOf } from './records';
import { typedColumns } from './typed-columns';

const COLUMNS: ColumnDef[] = [
  { name: 'id', type: 'string', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'n', type: 'int', nullable: true },
  { name: 'v', type: 'double', nullable: true },
  { name: 'ok', type: 'bool', nullable: true },
  { name: 'raw', type: 'json', nullable: true },
];
const DATASET = { dataset: 'events', columns: COLUMNS };

const textsOf = (bytes: string): Uint8Array => Buffer.from(bytes);

async function problemsOf(line: string): Promise<string[]> {
  const records = await recordsOf('ndjson', textsOf(line));
  try {
    typedColumns(DATASET, records);
    return [];
  } catch (thrown) {
    return thrown instanceof Unprocessable
      ? (thrown.details.fields ?? []).map(({ path, message }) => `${path}: ${message}`)
      : [];
  }
}

describe('the rows of a file', () => {
  it('are the same rows whether they come as JSON or as the texts of CSV', async () => {
    const lines =
      '{"id":"a","at":"2026-01-31T12:00:00.000001Z","n":"9223372036854775807","v":-0.5,"ok":true,"raw":"\\"x\\""}\n';
    const csv = 'id,at,n,v,ok,raw\r\na,2026-01-31T12:00:00.000001Z,9223372036854775807,-0.5,true,"""x"""\r\n';
    const ofLines = typedColumns(DATASET, await recordsOf('ndjson', textsOf(lines)));
    const ofCsv = typedColumns(DATASET, await recordsOf('csv', textsOf(csv)));
    const withoutJson = (batch: typeof ofLines): unknown => batch.columns.filter(({ type }) => type !== 'json');
    expect(withoutJson(ofCsv)).toEqual(withoutJson(ofLines));
    expect(ofLines.columns[1]?.values[0]).toBe(1_769_860_800_000_001n);
    expect(ofLines.columns[2]?.values[0]).toBe(9_223_372_036_854_775_807n);
  });

  it('leave null what they leave out', async () => {
    const csv = 'at,id,n\n2026-01-31T12:00:00Z,a,\n2026-01-31T12:00:00Z,b,7\n';
    const { columns } = typedColumns(DATASET, await recordsOf('csv', textsOf(csv)));
    expect(columns.find(({ name }) => name === 'n')?.nulls).toEqual(Uint8Array.of(1, 0));
    expect(columns.find(({ name }) => name === 'raw')?.nulls).toEqual(Uint8Array.of(1, 1));
    expect(columns.find(({ name }) => name === 'id')?.nulls).toBeUndefined();
  });

  it.each([
    ['{"id":"a","at":"yesterday"}', 'row 1, at: "yesterday" is not a time like 2026-01-31T12:00:00Z.'],
    ['{"id":"a","at":"2026-01-31T12:00:00Z","n":1.5}', 'row 1, n: 1.5 is not a whole number of 64 bits.'],
    ['{"id":"a","at":"2026-01-31T12:00:00Z","n":true}', 'row 1, n: true is not a whole number of 64 bits.'],
    ['{"id":"a","at":"2026-01-31T12:00:00Z","n":""}', 'row 1, n: "" is not a whole number of 64 bits.'],
    [
      '{"id":"a","at":"2026-01-31T12:00:00Z","n":"9223372036854775808"}',
      'row 1, n: "9223372036854775808" is not a whole number of 64 bits.',
    ],
    ['{"id":"a","at":"2026-01-31T12:00:00Z","v":"NaN"}', 'row 1, v: "NaN" is not a finite number.'],
    ['{"id":"a","at":"2026-01-31T12:00:00Z","v":"0x10"}', 'row 1, v: "0x10" is not a finite number.'],
    ['{"id":"a","at":"2026-01-31T12:00:00Z","ok":1}', 'row 1, ok: 1 is not true or false.'],
    ['{"id":7,"at":"2026-01-31T12:00:00Z"}', 'row 1, id: 7 is not a text of whole characters.'],
    ['{"at":"2026-01-31T12:00:00Z"}', 'row 1, id: It is null, and this column never is.'],
    ['{"id":"a","at":"2026-01-31T12:00:00Z","nn":1}', 'row 1: There is no column "nn". Did you mean "n"?'],
    [
      '{"id":"a","at":"2026-01-31T12:00:00Z","__proto__":{"n":1}}',
      'row 1: There is no column "__proto__"; there are id, at, n, v, ok, raw.',
    ],
  ])('are refused with the place and the reason: %s', async (line, problem) => {
    expect(await problemsOf(line)).toEqual([problem]);
  });

  it('are no more than there is memory for, however few bytes of Parquet tell them (rule 9)', async () => {
    const columns: ResultColumn[] = [{ name: 'id', type: 'string' }];
    const pieces: Uint8Array[] = [];
    for await (const piece of parquetOf({
      columns,
      parts: [Array.from({ length: 10_000 }, () => ['x'.repeat(100)])],
    })) {
      pieces.push(piece);
    }
    const body = Buffer.concat(pieces);
    expect(body.length).toBeLessThan(100_000);
    await expect(recordsOf('parquet', body, 100_000)).rejects.toMatchObject({ code: 'import.too_large' });
    expect(await recordsOf('parquet', body, 2_000_000)).toHaveLength(10_000);
  });

  it.each<['ndjson' | 'csv' | 'parquet', string, string]>([
    ['ndjson', '[1]\n', 'Row 1 is not an object'],
    ['ndjson', '{"id":\n', 'Row 1 is not JSON'],
    ['ndjson', '', 'empty'],
    ['csv', 'id,at\na\n', 'Row 1 has 1 fields, and the header 2'],
    ['csv', 'id,at\n"a', 'does not close'],
    ['parquet', 'PAR1 is not all', 'no Parquet file that can be read'],
  ])('are refused when the body is none of rows: %s %j', async (format, body, reason) => {
    await expect(recordsOf(format, textsOf(body))).rejects.toMatchObject({
      code: 'import.malformed',
      message: expect.stringContaining(reason) as string,
    });
  });
});
