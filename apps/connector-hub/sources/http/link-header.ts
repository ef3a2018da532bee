/** The target of the first link with a relation (RFC 8288 §3), as it is written; undefined when there is none. */
export function linkTarget(header: string, rel: string): string | undefined {
  for (const { target, params } of linksOf(header)) {
    const relations = (params.get('rel') ?? '').toLowerCase().split(/\s+/);
    if (relations.includes(rel.toLowerCase())) return target;
  }
  return undefined;
}

interface Link {
  readonly target: string;
  /** The first parameter of a name counts (§3.3). */
  readonly params: ReadonlyMap<string, string>;
}

const TARGET = /[\s,]*<([^>]*)>/y;
const PARAM = /\s*;\s*([^\s=;,"<>]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;

/** The links up to the first piece that is none. */
function* linksOf(header: string): Generator<Link> {
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (let target = next(TARGET); target; target = next(TARGET)) {
    const params = new Map<string, string>();
    for (let param = next(PARAM); param; param = next(PARAM)) {
      const name = param[1]!.toLowerCase(); // the pattern has it
      const value = param[2]?.replace(/\\(.)/g, '$1') ?? param[3] ?? '';
      if (!params.has(name)) params.set(name, value);
    }
    yield { target: target[1]!, params }; // the pattern has it
  }
}
