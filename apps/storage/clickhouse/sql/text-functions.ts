import { Call, Say } from './call';
import { jsonText, jsonPath } from './json-sql';
import { answer, BIGINT, castSql, guardedSql, isText, Printed, unsupported } from './types';

/** A function of texts alone, named alike but for its name. */
const named =
  (name: string): Say =>
  ({ args, type }) =>
    args.length > 0 && args.every((arg) => isText(arg.type))
      ? answer(`${name}(${args.map(({ sql }) => sql).join(', ')})`, type)
      : undefined;

/** Letters of which both know the same other case, and those that have none; `ß` or `İ` each would change in its own way. */
const CASES = '\\\\x00-\\\\x7F\\\\x{C0}-\\\\x{DE}\\\\x{E0}-\\\\x{FE}';
const CASELESS = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Arabic', 'Hebrew', 'Thai', 'P', 'Zs', 'Nd', 'Sc', 'Sm'];
const ODD_CASE = `[^${CASES}${CASELESS.map((name) => `\\\\p{${name}}`).join('')}]`;
const ODD_LETTER = 'A letter beyond Western European ones has no other case that is the same there.';

const unlessOdd = (text: Printed, said: string): string =>
  guardedSql(`match(${text.sql}, '${ODD_CASE}')`, ODD_LETTER, said);

const cased =
  (name: string): Say =>
  ({ args: [text], type }) =>
    text && isText(text.type) ? answer(unlessOdd(text, `${name}(${text.sql})`), type) : undefined;

const alikeInAnyCase =
  (name: string): Say =>
  (call) => {
    const [text, pattern] = call.args;
    if (!text) return undefined;
    const letters = constantOf(pattern, 'a pattern of LIKE');
    if (/[^\0-\x7f\u00c0-\u00de\u00e0-\u00fe]/.test(letters)) throw unsupported('ILIKE with such a letter');
    const said = like(name)(call);
    return said && answer(unlessOdd(text, said.sql), call.type);
  };

const counted =
  (name: string): Say =>
  (call) => {
    const said = named(name)(call);
    return said && answer(castSql(said.sql, BIGINT), BIGINT);
  };

const trimmed =
  (pattern: string): Say =>
  ({ args: [text, letters], type }) =>
    text && !letters ? answer(`replaceRegexpAll(${text.sql}, '${pattern}', '')`, type) : undefined;

/** The text of a constant argument: patterns and paths are read here, not there. */
function constantOf(value: Printed | undefined, what: string): string {
  if (value?.constant === undefined) throw unsupported(`${what} that is not constant`);
  return value.constant;
}

const numberOf = (value: Printed | undefined, what: string): number => Number(constantOf(value, what));

/** Places count from 1, from the end when negative; a part of the part may lie before the text. */
const substring: Say = ({ args: [text, from, count], type }) => {
  if (!text || !isText(text.type)) return undefined;
  const start = numberOf(from, 'a begin of a part');
  const length = count === undefined ? undefined : numberOf(count, 'a length of a part');
  if (length !== undefined && length < 0) return undefined;
  const size = `toInt64(lengthUTF8(${text.sql}))`;
  const first = start > 0 ? String(start) : start === 0 ? '1' : `greatest(${size} + ${start + 1}, 1)`;
  // What lies before the text counts as taken.
  const lacking = `least(${size} + ${start}, 0)`;
  const taken =
    length === undefined || start >= 0
      ? length && Math.max(start === 0 ? length - 1 : length, 0)
      : `greatest(${length} + ${lacking}, 0)`;
  return answer(`substringUTF8(${text.sql}, ${first}${taken === undefined ? '' : `, ${taken}`})`, type);
};

/** A negative count leaves so many out at the other end. */
const left: Say = ({ args: [text, count], type }) => {
  if (!text) return undefined;
  const taken = numberOf(count, 'a number of letters');
  const size = taken >= 0 ? String(taken) : `greatest(toInt64(lengthUTF8(${text.sql})) - ${-taken}, 0)`;
  return answer(`substringUTF8(${text.sql}, 1, ${size})`, type);
};

const right: Say = ({ args: [text, count], type }) => {
  if (!text) return undefined;
  const taken = numberOf(count, 'a number of letters');
  const begin = taken >= 0 ? `greatest(toInt64(lengthUTF8(${text.sql})) - ${taken - 1}, 1)` : String(1 - taken);
  return answer(taken === 0 ? `substringUTF8(${text.sql}, 1, 0)` : `substringUTF8(${text.sql}, ${begin})`, type);
};

const concat: Say = ({ args, type }) =>
  answer(`concat('', ${args.map(({ sql }) => `ifNull(${sql}, '')`).join(', ')})`, type);

const joined: Say = ({ args: [between, ...texts], type }) => {
  if (!between || !isText(between.type) || !texts.every((text) => isText(text.type))) return undefined;
  const list = `arrayFilter(x -> isNotNull(x), [${texts.map(({ sql }) => `toNullable(${sql})`).join(', ')}])`;
  return answer(`arrayStringConcat(arrayMap(x -> assumeNotNull(x), ${list}), ${between.sql})`, type);
};

/** There a backslash escapes in every pattern; here in none, or what the statement says. */
const like =
  (name: string, isEscaped = false): Say =>
  ({ args: [text, pattern, escape], type, printing }) => {
    if (!text) return undefined;
    const own = isEscaped ? constantOf(escape, 'an ESCAPE') : undefined;
    const said = likePattern(constantOf(pattern, 'a pattern of LIKE'), own);
    return answer(`${name}(${text.sql}, ${printing.values.text(said)})`, type);
  };

function likePattern(pattern: string, escape: string | undefined): string {
  let said = '';
  let isLiteral = false;
  for (const letter of pattern) {
    if (!isLiteral && letter === escape) {
      isLiteral = true;
      continue;
    }
    said += letter === '\\' || (isLiteral && /[%_]/.test(letter)) ? `\\${letter}` : letter;
    isLiteral = false;
  }
  if (isLiteral) throw unsupported('a pattern of LIKE that ends in its ESCAPE');
  return said;
}

/** Both read patterns as RE2 does; there a dot would match the end of a line. */
const matches =
  (around: (pattern: string) => string): Say =>
  ({ args: [text, pattern, options], type, printing }) => {
    if (!text || options) return undefined;
    const said = around(constantOf(pattern, 'a pattern'));
    return answer(`match(${text.sql}, ${printing.values.text(`(?-s)${said}`)})`, type);
  };

const extract: Say = ({ args: [text, pattern, group, options], type, printing }) => {
  if (!text || options) return undefined;
  const number = group === undefined ? 0 : numberOf(group, 'a number of a group');
  if (number < 0 || number > 9) return undefined;
  const said = printing.values.text(`(?-s)(${constantOf(pattern, 'a pattern')})`);
  return answer(unlessNull(text, `arrayElement(extractGroups(${notNull(text)}, ${said}), ${number + 1})`), type);
};

const notNull = ({ sql }: Printed): string => `ifNull(${sql}, '')`;
const unlessNull = ({ sql }: Printed, value: string): string => `if(isNull(${sql}), NULL, ${value})`;

const digest =
  (name: string): Say =>
  ({ args: [text], type }) =>
    text && isText(text.type) ? answer(`lower(hex(${name}(${text.sql})))`, type) : undefined;

const jsonString: Say = ({ args: [json, path], type, printing }: Call) => {
  if (!json || !path) return undefined;
  if (!isText(path.type)) throw unsupported('a JSON path that is a number');
  if (json.constant !== undefined) throw unsupported('JSON that is constant');
  return answer(jsonText(json.sql, jsonPath(constantOf(path, 'a path')), printing.values), type);
};

const isTextConcat: Say = (call) => (isText(call.type) ? named('concat')(call) : undefined);

export const TEXTS: Readonly<Record<string, Say>> = {
  lower: cased('lowerUTF8'),
  lcase: cased('lowerUTF8'),
  upper: cased('upperUTF8'),
  ucase: cased('upperUTF8'),
  trim: trimmed('^\\\\p{Zs}+|\\\\p{Zs}+$'),
  ltrim: trimmed('^\\\\p{Zs}+'),
  rtrim: trimmed('\\\\p{Zs}+$'),
  length: counted('lengthUTF8'),
  char_length: counted('lengthUTF8'),
  character_length: counted('lengthUTF8'),
  strlen: counted('length'),
  substring,
  substr: substring,
  left,
  right,
  contains: ({ args: [text, part], type }) =>
    text && part && isText(text.type) ? answer(`(position(${text.sql}, ${part.sql}) > 0)`, type) : undefined,
  starts_with: named('startsWith'),
  '^@': named('startsWith'),
  prefix: named('startsWith'),
  ends_with: named('endsWith'),
  suffix: named('endsWith'),
  strpos: counted('positionUTF8'),
  instr: counted('positionUTF8'),
  position: counted('positionUTF8'),
  concat,
  concat_ws: joined,
  '||': isTextConcat,
  '~~': like('like'),
  '!~~': like('notLike'),
  '~~*': alikeInAnyCase('ilike'),
  '!~~*': alikeInAnyCase('notILike'),
  like_escape: like('like', true),
  not_like_escape: like('notLike', true),
  regexp_matches: matches((pattern) => pattern),
  regexp_full_match: matches((pattern) => `\\A(?:${pattern})\\z`),
  regexp_extract: extract,
  md5: digest('MD5'),
  sha1: digest('SHA1'),
  sha256: digest('SHA256'),
  json_extract_string: jsonString,
  json_extract_path_text: jsonString,
  '->>': jsonString,
};
