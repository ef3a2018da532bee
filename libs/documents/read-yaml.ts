import {
  Composer,
  CST,
  Document as YamlDocument,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
} from 'yaml';

const TEXT_MAX_CHARS = 1_000_000;
const LEXEMES_MAX = 200_000;
const DOCUMENTS_MAX = 200;
/** How much the aliases of a text may unfold to, and how many of them there may be. */
const UNFOLD_MAX = 50;
const ALIASES_MAX = 500;
export const DEPTH_MAX = 64;
/** Looking for a key that stands there twice takes time in the square of their number. */
const KEYS_MAX = 1_000;
/** The parser keeps a few entries of its own beside one a level. */
const STACK_MAX = DEPTH_MAX + 8;

/** One document of a text, as it was written. */
export interface YamlText {
  /** What it says; undefined when it cannot be read. */
  readonly value: unknown;
  /** Why it cannot be read, in sentences. */
  readonly problems: readonly string[];
  /** The line, from 1, on which the deepest known part of a path like `spec.steps[0].map` stands. */
  readonly lineOf: (path: string) => number | undefined;
}

/** Tells that a text is refused as a whole, before its structure is built. */
export class TextRefused extends Error {}

/**
 * The documents in a text of YAML 1.2 or JSON. Size, depth and width are bounded before anything recursive sees the
 * text: the composer of a text nested deeply enough ends the process. Throws {@link TextRefused}.
 */
export function readYaml(text: string): YamlText[] {
  if (text.length > TEXT_MAX_CHARS) throw new TextRefused(`is longer than ${TEXT_MAX_CHARS} characters`);
  const lines = new LineCounter();
  const tokens = boundedTokens(text, lines);
  const composer = new Composer({ uniqueKeys: true, stringKeys: true, version: '1.2', schema: 'core' });
  return [...composer.compose(tokens)].map((document) => read(document, lines));
}

function boundedTokens(text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let aliases = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > LEXEMES_MAX) throw new TextRefused(`has more than ${LEXEMES_MAX} parts`);
    if (lexeme.startsWith('*')) aliases += 1;
    if (aliases > ALIASES_MAX) throw new TextRefused(`has more than ${ALIASES_MAX} aliases`);
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > STACK_MAX) throw new TextRefused(`is nested more than ${DEPTH_MAX} levels deep`);
  }
  for (const token of parser.end()) tokens.push(token);
  if (tokens.filter(({ type }) => type === 'document').length > DOCUMENTS_MAX) {
    throw new TextRefused(`holds more than ${DOCUMENTS_MAX} documents`);
  }
  tokens.forEach(refuseWideMaps);
  return tokens;
}

/** Its own recursion is bounded by the depth that was checked before. */
function refuseWideMaps(token: CST.Token | null | undefined): void {
  if (!token) return;
  if (token.type === 'document') refuseWideMaps(token.value);
  if (token.type !== 'block-map' && token.type !== 'flow-collection' && token.type !== 'block-seq') return;
  const isMapping = token.type === 'block-map' || (token.type === 'flow-collection' && token.start.source === '{');
  if (isMapping && token.items.length > KEYS_MAX) throw new TextRefused(`has more than ${KEYS_MAX} keys in one place`);
  for (const { key, value } of token.items) {
    refuseWideMaps(key);
    refuseWideMaps(value);
  }
}

function read(document: YamlDocument.Parsed, lines: LineCounter): YamlText {
  const lineOf = (path: string): number | undefined => lineAt(document, lines, path);
  const problems = [...document.errors, ...document.warnings].map(
    ({ message, pos }) => `${message} (line ${lines.linePos(pos[0]).line})`,
  );
  const { version } = document.directives.yaml;
  if (version !== '1.2') problems.push(`YAML ${version} is not read here: leave its %YAML line out`);
  if (problems.length > 0 || document.contents === null) return { value: undefined, problems, lineOf };
  try {
    return { value: document.toJS({ maxAliasCount: UNFOLD_MAX }), problems, lineOf };
  } catch (thrown) {
    return { value: undefined, problems: [thrown instanceof Error ? thrown.message : 'cannot be read'], lineOf };
  }
}

function lineAt(document: YamlDocument.Parsed, lines: LineCounter, path: string): number | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const part of path.match(/[^.[\]]+/g) ?? []) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (!pair) break;
      offset = isNode(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isSeq(node) && /^\d+$/.test(part)) {
      node = node.items[Number(part)];
      offset = isNode(node) ? node.range?.[0] : offset;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
