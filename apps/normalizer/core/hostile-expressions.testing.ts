/** What somebody would write who wants to hold up everybody else: an expression, and the record that makes it slow. */
export interface Hostile {
  readonly what: string;
  readonly source: string;
  readonly raw: unknown;
}

const RECORD_MAX_CHARS = 1_000_000;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const text = (count: number, of = 'x'): string => of.repeat(count);
const TURNS = numbers(20_000);
const LONG = text(RECORD_MAX_CHARS);
const WIDE = Object.fromEntries(numbers(60_000).map((at) => [`k${at}`, at]));
const DEEP = numbers(60).reduce<unknown>((inner) => ({ a: inner, b: [inner === null ? 1 : 2] }), null);
const TABLE = numbers(20_000).map((at) => ({ id: at, name: 'n' }));

/** `depth` values, each of which is the one before it twice. */
const doubling = (depth: number): string =>
  `cel.bind(v0, raw.s, ${numbers(depth).reduceRight((inner, at) => `cel.bind(v${at + 1}, v${at} + v${at}, ${inner})`, `v${depth}`)})`;
/** Does `body` once for each of many items. */
const again = (body: string): string => `raw.l.all(x, ${body})`;

export const HOSTILE: readonly Hostile[] = [
  { what: 'loops in loops in loops', source: again(again(again('x >= 0'))), raw: { l: TURNS } },
  { what: 'a list of lists', source: 'raw.l.map(a, raw.l.map(b, b))', raw: { l: TURNS } },
  { what: 'loops over a literal', source: `${nested(9)}`, raw: {} },
  { what: 'a wide body in a loop', source: again(`[${text(600, '1,')}1].size() > 0`), raw: { l: TURNS } },
  { what: 'a filter of a filter', source: 'raw.l.filter(a, raw.l.filter(b, a < b).size() > 0)', raw: { l: TURNS } },
  { what: 'doubling a text', source: doubling(12), raw: { s: text(1_000) } },
  { what: 'doubling a list', source: doubling(12), raw: { s: numbers(1_000) } },
  { what: 'adding long lists', source: again('(raw.s + raw.s).size() > 0'), raw: { l: TURNS, s: numbers(100_000) } },
  {
    what: 'adding and cutting long texts',
    source: again('(raw.s + raw.s).substring(1, 2) != ""'),
    raw: { l: TURNS, s: text(500_000) },
  },
  { what: 'counting the characters of a long text', source: again('size(raw.s) > 0'), raw: { l: TURNS, s: LONG } },
  { what: 'looking through a long text', source: again('!raw.s.contains("y")'), raw: { l: TURNS, s: LONG } },
  {
    what: 'comparing long texts',
    source: again('raw.s <= raw.t'),
    raw: { l: TURNS, s: LONG, t: text(RECORD_MAX_CHARS) },
  },
  {
    what: 'comparing the same long texts',
    source: again('raw.s == raw.t + ""'),
    raw: { l: TURNS, s: LONG, t: `${LONG.slice(1)}x` },
  },
  { what: 'comparing big objects', source: again('raw.s == raw.t'), raw: { l: TURNS, s: { ...WIDE }, t: { ...WIDE } } },
  {
    what: 'comparing deep objects',
    source: again(again('raw.s == raw.t')),
    raw: { l: TURNS, s: DEEP, t: structuredClone(DEEP) },
  },
  {
    what: 'comparing long lists of objects',
    source: again('raw.s == raw.t'),
    raw: { l: TURNS, s: TABLE, t: structuredClone(TABLE) },
  },
  {
    what: 'looking for an object in a long list',
    source: again('!({"id": -1} in raw.s)'),
    raw: { l: TURNS, s: TABLE },
  },
  { what: 'looking for a number in a long list', source: again('!(-1 in raw.s)'), raw: { l: TURNS, s: TURNS } },
  {
    what: 'looping over the names of a wide object',
    source: again('raw.s.exists(k, true)'),
    raw: { l: TURNS, s: WIDE },
  },
  { what: 'counting the names of a wide object', source: again('raw.s.size() > 0'), raw: { l: TURNS, s: WIDE } },
  { what: 'passing a wide object around', source: again('coalesce([raw.s][0], 1) != 2'), raw: { l: TURNS, s: WIDE } },
  { what: 'failing in every turn', source: 'raw.l.exists(x, raw.l.exists(y, x.nope == y))', raw: { l: TURNS } },
  { what: 'failing left of every or', source: again('x.nope == 1 || x.nope2 == 1 || x >= 0'), raw: { l: TURNS } },
  { what: 'splitting a long text', source: again('raw.s.split("").size() > 0'), raw: { l: TURNS, s: LONG } },
  { what: 'joining long texts', source: again('[raw.s, raw.s].join("") != ""'), raw: { l: TURNS, s: text(500_000) } },
  { what: 'replacing every character by many', source: 'replace(raw.s, "x", raw.t)', raw: { s: LONG, t: text(1_000) } },
  {
    what: 'replacing every match by many',
    source: 'replace_re(raw.s, "x", raw.t)',
    raw: { s: text(100_000), t: text(1_000) },
  },
  {
    what: 'a pattern that looks to the end from every match',
    source: 'replace_re(raw.s, "x.*y|x", "")',
    raw: { s: text(100_000) },
  },
  { what: 'a pattern that backtracks elsewhere', source: 'raw.s.matches("(x+)+$")', raw: { s: `${LONG}!` } },
  {
    what: 'a pattern that repeats a thousand times',
    source: 'raw.s.matches("(x{1000})$")',
    raw: { s: `${text(100_000)}!` },
  },
  { what: 'a pattern of many ways', source: 'extract(raw.s, "((x|y|z){300}){3}y$")', raw: { s: text(90_000, 'xyz') } },
  {
    what: 'a pattern that is anew in every turn',
    source: 'raw.l.all(p, !"a".matches(p))',
    raw: { l: numbers(5_000).map((at) => `\\p{L}{200}${at}`) },
  },
  {
    what: 'a pattern over short texts again and again',
    source: again('!raw.s.matches("(x|y){500}z")'),
    raw: { l: TURNS, s: text(400) },
  },
  {
    what: 'reading long JSON',
    source: again('parse_json(raw.s).size() > 0'),
    raw: { l: TURNS, s: `[${text(300_000, '[],')}1]` },
  },
  { what: 'hashing a long text', source: again('sha256(raw.s) != ""'), raw: { l: TURNS, s: LONG } },
  { what: 'hashing again and again', source: again(again('uuid5("dns", "a") != ""')), raw: { l: TURNS } },
  { what: 'bytes of a long text', source: again('bytes(raw.s).hex() != ""'), raw: { l: TURNS, s: LONG } },
  {
    what: 'times in zones',
    source: again('parse_time("01.02.2018", "%d.%m.%Y", "Europe/Berlin") != null'),
    raw: { l: TURNS },
  },
  { what: 'the hour in a zone', source: again('meta.received_at.getHours("Europe/Berlin") >= 0'), raw: { l: TURNS } },
];

/** Loops over ten items inside one another. */
function nested(depth: number): string {
  const names = numbers(depth).map((at) => `v${at}`);
  return names.reduceRight((inner, name) => `[0,1,2,3,4,5,6,7,8,9].all(${name}, ${inner})`, 'v0 >= 0');
}
