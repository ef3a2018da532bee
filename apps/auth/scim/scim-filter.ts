import { ScimError } from './scim-error';

/** A comparison of RFC 7644 §3.4.2.2; attribute names are in small letters. */
export type Filter =
  | { readonly kind: 'compare'; readonly attribute: string; readonly op: CompareOp; readonly value: Literal }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly of: Filter };

export type Literal = string | number | boolean | null;

const COMPARE_OPS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type CompareOp = (typeof COMPARE_OPS)[number];

/** Deeper than any directory asks. */
const DEPTH_MAX = 20;
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/y;
const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/;
const ATTRIBUTE = /^[a-z$][\w$-]*(?:\.[a-z$][\w$-]*)?$/;

/**
 * Reads a filter: comparisons and `pr`, `and` before `or`, `not`, groups, and the values of one attribute as in
 * `emails[type eq "work"]`. Throws ScimError `invalidFilter`.
 */
export function parseFilter(text: string): Filter {
  return new Parser(tokensOf(text)).whole();
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly string[]) {}

  whole(): Filter {
    const filter = this.either('', 0);
    if (this.at < this.tokens.length) throw invalid(`"${this.tokens[this.at]}" stands where the filter should end`);
    return filter;
  }

  private either(within: string, depth: number): Filter {
    if (depth > DEPTH_MAX) throw invalid(`it is nested more than ${DEPTH_MAX} deep`);
    let left = this.both(within, depth);
    while (this.takes('or')) left = { kind: 'or', left, right: this.both(within, depth) };
    return left;
  }

  private both(within: string, depth: number): Filter {
    let left = this.one(within, depth);
    while (this.takes('and')) left = { kind: 'and', left, right: this.one(within, depth) };
    return left;
  }

  private one(within: string, depth: number): Filter {
    if (this.takes('not')) {
      this.needs('(');
      return { kind: 'not', of: this.closed(')', within, depth) };
    }
    if (this.takes('(')) return this.closed(')', within, depth);
    const attribute = this.attribute(within);
    if (this.takes('[')) {
      if (within !== '') throw invalid('a filter of values stands within another');
      return this.closed(']', attribute, depth);
    }
    if (this.takes('pr')) return { kind: 'present', attribute };
    const op = COMPARE_OPS.find((known) => this.takes(known));
    if (!op) throw invalid(`after "${attribute}" comes one of ${COMPARE_OPS.join(', ')}, pr`);
    return { kind: 'compare', attribute, op, value: literal(this.next()) };
  }

  private closed(by: string, within: string, depth: number): Filter {
    const filter = this.either(within, depth + 1);
    this.needs(by);
    return filter;
  }

  private attribute(within: string): string {
    const name = this.next().toLowerCase().replace(CORE, '');
    if (!ATTRIBUTE.test(name)) throw invalid(`"${name}" is no attribute`);
    return within === '' ? name : `${within}.${name}`;
  }

  private takes(word: string): boolean {
    if (this.tokens[this.at]?.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }

  private needs(word: string): void {
    if (!this.takes(word)) throw invalid(`"${word}" is missing`);
  }

  private next(): string {
    const token = this.tokens[this.at];
    if (token === undefined) throw invalid('it ends too early');
    this.at += 1;
    return token;
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw invalid(`it cannot be read at character ${at + 1}`);
    tokens.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return tokens;
}

function literal(token: string): Literal {
  try {
    const value: unknown = JSON.parse(token.startsWith('"') ? token : token.toLowerCase());
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Literal; // one of these
  } catch {
    // told below
  }
  throw invalid(`${token} is no text in quotes, number, true, false or null`);
}

const invalid = (why: string): ScimError =>
  new ScimError(400, `The filter cannot be answered: ${why}.`, 'invalidFilter');
