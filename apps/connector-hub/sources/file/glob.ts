import { RE2JS } from 're2js';

/** What a path below a folder must look like: `*` and `?` stay within a name, `**` is any folders. Linear in the path. */
export function globMatcher(glob: string): (path: string) => boolean {
  const pattern = RE2JS.compile(
    `^${glob.replace(PIECES, (piece) => MEANING[piece] ?? RE2JS.quote(piece))}$`,
    RE2JS.DOTALL,
  );
  return (path) => pattern.matcher(path).find();
}

/** Whether a folder can hold, at whatever depth, what a glob matches. */
export function folderMatcher(glob: string): (folder: string) => boolean {
  const parts = glob.split('/');
  const deep = parts.findIndex((part) => part.includes('**'));
  const named = parts.slice(0, deep < 0 ? -1 : deep).map(globMatcher);
  return (folder) => {
    const levels = folder.split('/');
    return (
      (deep >= 0 || levels.length <= named.length) &&
      named.every((matches, at) => levels[at] === undefined || matches(levels[at]))
    );
  };
}

const PIECES = /\*\*\/|\*\*|\*|\?|[^*?]+/g;
const MEANING: Readonly<Record<string, string>> = { '**/': '(?:[^/]+/)*', '**': '.*', '*': '[^/]*', '?': '[^/]' };
