import * as fc from 'fast-check';
import { BadRequest } from '#libs/errors/errors';
import { DEPTH_MAX, RECORD_MAX_BYTES, RECORDS_MAX } from './frames';
import { frame } from './framing';
import { findMember, frameList } from './json';

const BOM = '\ufeff';

function recordsOf(body: Uint8Array | string, format: 'json' | 'ndjson'): string[] {
  const bytes = Buffer.from(body);
  const { starts, ends } = frame(bytes, format);
  return Array.from(starts, (start, at) => bytes.toString('utf8', start, ends[at]));
}

function refusal(body: Uint8Array | string, format: 'json' | 'ndjson'): string {
  try {
    frame(Buffer.from(body), format);
  } catch (thrown) {
    if (thrown instanceof BadRequest && thrown.code === 'events.malformed') return thrown.message;
    throw thrown;
  }
  return 'framed';
}

/** Any JSON value, its text written with or without spaces. */
const jsonText = fc
  .tuple(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'))
  .map(([value, space]) => JSON.stringify(value, undefined, space));
const lineText = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value));

describe('framing of NDJSON', () => {
  it('rule 33: loses no record and makes none up, whatever the line ends', () => {
    const line = fc.tuple(lineText, fc.constantFrom('\n', '\r\n', '\n\n', '\r\n \t\r\n'));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.boolean(), fc.boolean(), (lines, withMark, withEnd) => {
        const text = (withMark ? BOM : '') + lines.map(([record, end]) => record + end).join('');
        const body = withEnd ? text : text.trimEnd();
        expect(recordsOf(body, 'ndjson')).toEqual(lines.map(([record]) => record));
      }),
    );
  });

  it('rule 33: splits on line feed bytes only, so characters of several bytes stay whole', () => {
    expect(recordsOf('{"a":"\u{1F30B}\u2028é"}\n{"b":1}', 'ndjson')).toEqual(['{"a":"\u{1F30B}\u2028é"}', '{"b":1}']);
  });

  it('rule 33: keeps a record with a key that comes twice, and one that is not JSON, for the decoder', () => {
    expect(recordsOf('{"a":1,"a":2}\nnot json\n', 'ndjson')).toEqual(['{"a":1,"a":2}', 'not json']);
  });

  it('rule 33: names the line that is too long', () => {
    const long = `"${'x'.repeat(RECORD_MAX_BYTES)}"`;
    expect(refusal(`1\n\n${long}\n`, 'ndjson')).toMatch(/^Line 3 has 1048578 bytes; a record may have 1048576\./);
    expect(recordsOf(`${long.slice(2)}`, 'ndjson')).toHaveLength(1);
  });

  it('rule 33: names the line that is not UTF-8', () => {
    const body = Buffer.concat([Buffer.from('1\n2\n"'), Buffer.from([0xc3, 0x28]), Buffer.from('"\n')]);
    expect(refusal(body, 'ndjson')).toBe('Line 3 is not valid UTF-8. Nothing was taken.');
    expect(refusal(Buffer.from([0x31, 0x0a, 0xe2, 0x82]), 'ndjson')).toMatch(/^Line 2 is not valid UTF-8/);
  });

  it('rule 35: refuses a line that nests deeper than 64, and counts no bracket in a string', () => {
    const nested = (depth: number): string => '[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2);
    expect(recordsOf(nested(DEPTH_MAX), 'ndjson')).toHaveLength(1);
    expect(refusal(`1\n${nested(DEPTH_MAX + 2)}`, 'ndjson')).toMatch(/^Line 2 nests deeper than 64 levels/);
    expect(recordsOf(JSON.stringify(`\\"${'['.repeat(500)}\\`), 'ndjson')).toHaveLength(1);
  });

  it('refuses a body without records', () => {
    expect(refusal('', 'ndjson')).toMatch(/empty/);
    expect(refusal(BOM, 'ndjson')).toMatch(/no records/);
    expect(refusal('\n \r\n\t\n', 'ndjson')).toMatch(/no records/);
  });

  it('bounds how many records a body has', () => {
    expect(recordsOf('1\n'.repeat(RECORDS_MAX), 'ndjson')).toHaveLength(RECORDS_MAX);
    expect(refusal('1\n'.repeat(RECORDS_MAX + 1), 'ndjson')).toMatch(/more than 250000 records/);
    expect(refusal(`[${'1,'.repeat(RECORDS_MAX)}1]`, 'json')).toMatch(/more than 250000 records/);
  });
});

describe('framing of JSON', () => {
  it('loses no element and makes none up', () => {
    const space = fc.constantFrom('', ' ', '\r\n\t');
    fc.assert(
      fc.property(fc.array(jsonText, { minLength: 1 }), space, fc.boolean(), (elements, pad, withMark) => {
        const list = elements.map((element) => pad + element + pad).join(',');
        expect(recordsOf(`${withMark ? BOM : ''}${pad}[${list}]${pad}`, 'json')).toEqual(elements);
      }),
    );
  });

  it('takes whatever JSON.parse takes, with the same elements, or refuses', () => {
    const almost = fc.array(
      fc.constantFrom('[', ']', '{', '}', ',', ':', '"a"', '"\\""', '1', 'true', ' ', '"]', '-1e5', '\\', '"'),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(almost, (parts) => {
        const text = `[${parts.join('')}]`;
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          return;
        }
        if (!Array.isArray(parsed) || parsed.length === 0) return;
        expect(recordsOf(text, 'json').map((record) => JSON.parse(record) as unknown)).toEqual(parsed);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes one object as one record', () => {
    expect(recordsOf(' {"a": [1, "}"]} \n', 'json')).toEqual(['{"a": [1, "}"]}']);
  });

  it('keeps an element that is not JSON inside for the decoder', () => {
    expect(recordsOf('[{"a":nope},01,tru]', 'json')).toEqual(['{"a":nope}', '01', 'tru']);
  });

  it.each([
    ['[1,2] x', /^Behind the JSON text, at byte 6, stands "x"/],
    ['{"a":1}\n{"a":2}', /^Behind the JSON text, at byte 8, stands "\{".*ndjson/],
    ['[1,,2]', /^Record 2: at byte 3 stands "," instead of a record/],
    ['[1,]', /^Record 2: at byte 3 stands "\]" instead of a record/],
    ['[1 2]', /^Record 2?1?: at byte 3 stands "2" instead of "," or "\]"/],
    ['[{"a":1]', /^Record 1: at byte 7 stands "\]" instead of "\}"/],
    ['[1,{"a":[1', /^Record 2 \(byte 3\) is not closed/],
    ['[1', /stands the end of the body instead of "," or "\]"/],
    ['["abc', /^Record 1 has a string, at byte 1, that does not end/],
    ['["abc\\"]', /^Record 1 has a string, at byte 1, that does not end/],
    ['42', /neither a JSON list nor an object: at byte 0 stands "4"/],
    ['[]', /no records: its list is empty/],
    [' \n', /is empty/],
    ['', /is empty/],
  ])('refuses %j and says where', (body, sentence) => {
    expect(refusal(body, 'json')).toMatch(sentence);
  });

  it('refuses text that is not UTF-8 and a record that is too large', () => {
    expect(refusal(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), 'json')).toMatch(/not valid UTF-8/);
    expect(refusal(`[1,"${'x'.repeat(RECORD_MAX_BYTES)}"]`, 'json')).toMatch(/^Record 2 \(byte 3\) has 1048578 bytes/);
  });

  it('rule 35: refuses an element that nests deeper than 64', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(recordsOf(`[${nested(DEPTH_MAX)}]`, 'json')).toHaveLength(1);
    expect(refusal(`[1,${nested(DEPTH_MAX + 1)}]`, 'json')).toMatch(/^Record 2 \(byte 3\) nests deeper than 64 levels/);
    expect(refusal('['.repeat(1_000_000), 'json')).toMatch(/nests deeper/);
  });
});

describe('finding a list within a text', () => {
  it('gives the elements as they were written', () => {
    const body = Buffer.from(
      '{"meta":{"features":[9]},"a\\u0062":1,"features" : [ {"id":12345678901234567890}, 2 ],"x":[]}',
    );
    const found = findMember(body, ['features']);
    const frames = frameList(body, found?.start ?? 0);
    expect(Array.from(frames?.starts ?? [], (start, at) => body.toString('utf8', start, frames?.ends[at]))).toEqual([
      '{"id":12345678901234567890}',
      '2',
    ]);
    expect(findMember(body, ['meta', 'features'])).toBeDefined();
    expect(findMember(body, ['ab'])).toBeDefined();
    expect(findMember(body, ['meta', 'nope'])).toBeUndefined();
    expect(findMember(body, ['features', 'nope'])).toBeUndefined();
  });

  it('agrees with JSON.parse about where a member lies', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 }), (object) => {
        const body = Buffer.from(JSON.stringify(object, undefined, 2));
        for (const [name, value] of Object.entries(object)) {
          const found = findMember(body, [name]);
          expect(JSON.parse(body.toString('utf8', found?.start, found?.end))).toEqual(
            JSON.parse(JSON.stringify(value)),
          );
        }
      }),
    );
  });
});
