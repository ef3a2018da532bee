import fc from 'fast-check';
import { frame } from '#libs/framing/framing';
import { csvCutter } from './cut-csv';
import { ElementsCutter } from './cut-elements';
import { LINES } from './cut-lines';
import { Cutter, slicesOf } from './cut-slices';
import { FileOffset, FileSlice, START } from './file-slice';

const COMMA = 0x2c;
const FORMATS = {
  csv: { format: 'csv', cutter: () => csvCutter(COMMA), sample: 'a,b\r\n1,"x\n""y"\n\n2,\n"3",z' },
  ndjson: { format: 'ndjson', cutter: () => LINES, sample: '{"a":1}\r\n \n[2]\n"ü"' },
  json: {
    format: 'json',
    cutter: (from: FileOffset) => new ElementsCutter(from.rows > 0 ? 'comma' : 'text'),
    sample: '\ufeff [ {"a":"]\\"}"} , 1.0,\n[[]],"ü,", null]  ',
  },
} as const satisfies Record<string, { format: string; cutter: (from: FileOffset) => Cutter; sample: string }>;

async function* pieces(text: Buffer, size: number, from = 0): AsyncGenerator<Buffer> {
  await Promise.resolve();
  for (let at = from; at < text.length; at += size) yield text.subarray(at, at + size);
}

async function cut(
  text: Buffer,
  size: number,
  cutter: (from: FileOffset) => Cutter,
  from = START,
): Promise<FileSlice[]> {
  const slices: FileSlice[] = [];
  const reading = slicesOf(pieces(text, size, from.bytes), cutter(from), { from, name: 'file' });
  for await (const slice of reading) slices.push(slice);
  return slices;
}

const textsOf = (slices: readonly FileSlice[]): string[] =>
  slices.flatMap(({ rows }) => rows).map(({ text }) => text.toString());

/** What a whole body of the format is framed into; of csv with its header row. */
function framed(text: Buffer, format: 'csv' | 'ndjson' | 'json'): string[] | undefined {
  try {
    const { starts, ends } = frame(format === 'csv' ? Buffer.concat([Buffer.from('h\n'), text]) : text, format);
    const shift = format === 'csv' ? 2 : 0;
    return Array.from(starts, (start, at) => text.toString('utf8', start - shift, (ends[at] ?? 0) - shift));
  } catch {
    return undefined;
  }
}

describe('records of a text that comes in pieces', () => {
  describe.each(Object.entries(FORMATS))('%s', (_name, { format, cutter, sample }) => {
    const text = Buffer.from(sample);

    it('are those of the whole text, wherever it is parted', async () => {
      const whole = await cut(text, text.length, cutter);
      expect(textsOf(whole)).toHaveLength(format === 'json' ? 5 : format === 'csv' ? 4 : 3);
      for (let size = 1; size < text.length; size += 1) {
        expect(textsOf(await cut(text, size, cutter))).toEqual(textsOf(whole));
      }
    });

    it('go on where reading them was left', async () => {
      const slices = await cut(text, 1, cutter);
      for (const [at, { reached }] of slices.entries()) {
        const before = slices.slice(0, at + 1);
        if (at === slices.length - 1) break; // it is read
        const rest = await cut(text, 3, cutter, reached);
        expect([...before, ...rest].flatMap(({ rows }) => rows)).toEqual(slices.flatMap(({ rows }) => rows));
      }
    });

    it('are those that a body of the same text is framed into', async () => {
      const piece = fc.constantFrom(...'{}[],:"\\\n\r 1ab\u00fc', '"",', '{"a":1},', '[1]');
      const texts = fc.array(piece, { maxLength: 40 }).map((all) => Buffer.from(all.join('')));
      await fc.assert(
        fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (any, size) => {
          const expected = framed(any, format);
          const found = await cut(any, size, cutter).then(textsOf, () => undefined);
          if (expected) expect(found).toEqual(expected);
          else expect(found ?? []).toEqual([]);
        }),
      );
    });
  });

  it.each([
    ['[{"a":1},', /breaks off in row 2, or before it/],
    ['[{"a":1}', /breaks off/],
    ['[{"a":[1', /breaks off in row 1/],
    ['{"a":1}\n{"a":2}', /nothing should stand.*One record a line is the format ndjson/],
    ['[1] 2', /nothing should stand/],
    ['[1 2]', /"," or "\]" should stand/],
    ['[1,]', /an element should stand/],
    ['[{"a":1]]', /in row 1, a bracket closes what another opened/],
    ['5', /a list or an object should stand/],
    ['', /breaks off/],
    [`[1,${'['.repeat(65)}`, /row 2 nests deeper than 64/],
  ])('refuses JSON that is none, and says where: %s', async (text, message) => {
    const reading = cut(Buffer.from(text), 5, FORMATS.json.cutter);
    await expect(reading).rejects.toMatchObject({
      code: 'pull.file_malformed',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['a,b\n1,"x', /row 2 opens a quote that does not close/],
    ['a,b\n1,"x"y\n', /in row 2, text stands behind a closing quote/],
    ['a\n\u0000\n', undefined],
  ])('refuses csv whose rows cannot be told: %j', async (text, message) => {
    const reading = cut(Buffer.from(text), 2, FORMATS.csv.cutter);
    if (message) await expect(reading).rejects.toThrow(message);
    else expect(textsOf(await reading)).toEqual(['a', '\u0000']);
  });

  it('refuses what is no UTF-8, and what is too large, and says where', async () => {
    const bad = Buffer.from([0x31, 0x0a, 0xff, 0x0a]);
    await expect(cut(bad, 9, FORMATS.ndjson.cutter)).rejects.toThrow('row 2 is not UTF-8');
    const large = Buffer.from(`1\n"${'x'.repeat(2 ** 20 - 1)}"\n`);
    const places = [FORMATS.ndjson.cutter, FORMATS.csv.cutter].flatMap((cutter) =>
      [2 ** 18, 2 ** 22].map((size) => ({ cutter, size })),
    );
    for (const { cutter, size } of places) {
      await expect(cut(large, size, cutter)).rejects.toMatchObject({
        code: 'pull.record_too_large',
        message: expect.stringContaining('Row 2 of "file"') as string,
      });
    }
  });
});
