import { parse } from 'csv-parse';
import * as fc from 'fast-check';
import { BadRequest } from '#libs/errors/errors';
import { csvFields, frameCsv } from './csv';
import { cutCsv } from './cut';
import { RECORD_MAX_BYTES } from './frames';
import { frame } from './framing';

const bodyOf = (text: string): Buffer => Buffer.from(text);

function rowsOf(body: Uint8Array | string): (string[] | { readonly reason: string })[] {
  const bytes = Buffer.from(body);
  const { starts, ends } = frame(bytes, 'csv');
  return Array.from(starts, (start, at) => csvFields(bytes.subarray(start, ends[at])));
}

function refusal(body: Uint8Array | string): string {
  try {
    frame(Buffer.from(body), 'csv');
  } catch (thrown) {
    if (thrown instanceof BadRequest && thrown.code === 'events.malformed') return thrown.message;
    throw thrown;
  }
  return 'framed';
}

const readElsewhere = (text: string): Promise<string[][]> =>
  new Promise((resolve, reject) => {
    const options = { relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\n', '\r\n'] };
    parse(text, options, (error, rows) => (error ? reject(error) : resolve(rows)));
  });

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
const fieldText = fc.oneof(
  fc.string(),
  fc.constantFrom('', ',', '"', '""', '\n', '\r\n', 'a,b', 'é\u{1F30B}', ' x ', '"\n"'),
);

describe('framing of CSV', () => {
  it('gives back every field that was written, whatever is in it', () => {
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(fieldText, { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean(), (rows, end, mark, last) => {
        const header = rows[0]!.map((_, at) => `c${at}`);
        const lines = [header.join(','), ...rows.map((row) => row.map(quoted).join(','))];
        expect(rowsOf((mark ? '\ufeff' : '') + lines.join(end) + (last ? end : ''))).toEqual(rows);
      }),
    );
  });

  it('reads what another parser of RFC 4180 reads, or refuses', async () => {
    const pieces = fc.array(fc.constantFrom('a', ',', '"', '""', '\n', '\r\n', 'é', ' ', '"b"', ',"c,d"'), {
      minLength: 1,
      maxLength: 16,
    });
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const text = `h,i\n${parts.join('')}`;
        if (refusal(text) !== 'framed') return;
        const mine = rowsOf(text);
        if (!mine.every((row) => Array.isArray(row))) return;
        expect(mine).toEqual((await readElsewhere(text)).slice(1));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes line ends, commas and doubled quotes inside quotes, and skips empty lines', () => {
    expect(rowsOf('a,b\r\n\r\n"x\r\n,""y""",2\r\n\n3,')).toEqual([
      ['x\r\n,"y"', '2'],
      ['3', ''],
    ]);
  });

  it('keeps a row with another number of fields, and one with a quote inside a plain field, for the decoder', () => {
    expect(rowsOf('a,b\n1\n1,2,3\nx"y,2')).toEqual([
      ['1'],
      ['1', '2', '3'],
      { reason: 'field 1 has a quote in it and does not begin with one' },
    ]);
  });

  it.each([
    ['a,b\n1,2\n"x,3\n4,5\n', /^Line 3 opens a quote that does not close\. Nothing was taken/],
    ['a,b\n"x"y,3\n', /^Line 2: behind a closing quote stands text/],
    ['a,a\n1,2\n', /names the column "a" twice/],
    ['a,\n1,2\n', /column 2 is called "", which is no name/],
    ['__proto__\n1\n', /which is no name/],
    ['a,b\n', /nothing stands below the header row/],
    ['\n\n', /every line is empty/],
    ['', /is empty/],
    [Buffer.from([0x61, 0x0a, 0xff, 0x0a]), /^Line 2 is not valid UTF-8/],
  ])('refuses %j and says where', (body, sentence) => {
    expect(refusal(body)).toMatch(sentence);
  });

  it('refuses a record that is too large', () => {
    expect(refusal(`a\n1\n${'x'.repeat(RECORD_MAX_BYTES + 1)}\n`)).toMatch(/^Line 3 has 1048577 bytes/);
  });

  it('reads a large body in one pass', () => {
    const body = bodyOf(`only\n${'x\n'.repeat(200_000)}`);
    const { starts, ends, count } = frameCsv(body, 0).rows;
    expect(count).toBe(200_000);
    const read = Array.from(starts, (start, at) => JSON.stringify(csvFields(body.subarray(start, ends[at]))));
    expect(new Set(read)).toEqual(new Set(['["x"]']));
  });

  it('cuts a large body into bodies of their own that hold the same rows', () => {
    const body = bodyOf(`a,b\r\n${Array.from({ length: 500 }, (_, at) => `${at},"x\n${at}"`).join('\r\n')}`);
    const parts = cutCsv(body, 1_000);
    expect(parts.length).toBeGreaterThan(4);
    expect(parts.every(({ payload, count }) => frame(payload, 'csv').count === count)).toBe(true);
    expect(parts.flatMap(({ payload }) => rowsOf(payload))).toEqual(rowsOf(body));
  });
});
