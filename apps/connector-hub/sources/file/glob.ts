import { RE2JS } from 're2js';

/** What a path below a folder must look like: `*` and `?` stay within a name, `**` is any folders. Linear in the path. */
export function globMatcher(glob: string): (path: string) => boolean {
  const pattern = RE2JS.compile(
    `^${glob.replace(PIECES, (piece) => MEANING[piece] ?? RE2JS.quote(piece))}$`,
    RE2JS.DOTALL,
  );
  return (path) => pattern.matcher(path).find();
}

const PIECES = /\*\*\/|\*\*|\*|\?|[^*?]+/g;
const MEANING: Readonly<Record<string, string>> = { '**/': '(?:[^/]+/)*', '**': '.*', '*': '[^/]*', '?': '[^/]' };
