import { readFileSync } from 'node:fs';
import { SourceMap, SourceMapPayload } from 'node:module';
import { dirname, relative, resolve } from 'node:path';

/** A place in a built file, as V8 writes it in a stack. */
const PLACE = /(\/[^\s()]+\.js):(\d+):(\d+)/g;
/** A call site writes itself as a line of a stack. */
interface Written {
  toString(): string;
}

/** Maps kept for the next stack. */
const KEPT_MAX = 50;

/**
 * From now on stacks name places in the TypeScript sources of what was built below `folder`. Node's own
 * `--enable-source-maps` holds the maps of all modules in memory from the start, ours and other people's, which is
 * 30 MiB; this reads the few that a stack needs when somebody looks at it.
 */
export function mapStacks(folder: string): void {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (file: string): SourceMap | undefined => {
    if (maps.has(file)) return maps.get(file);
    if (maps.size >= KEPT_MAX) maps.clear();
    const map = readMap(file);
    maps.set(file, map);
    return map;
  };
  Error.prepareStackTrace = (error, sites) =>
    `${headOf(error)}${sites.map((site) => `\n    at ${mapped((site as Written).toString(), folder, mapOf)}`).join('')}`;
}

function mapped(site: string, folder: string, mapOf: (file: string) => SourceMap | undefined): string {
  return site.replace(PLACE, (place, file: string, line: string, column: string) => {
    if (!file.startsWith(`${folder}/`)) return place;
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !('originalSource' in entry)) return place;
    const source = relative(dirname(folder), resolve(dirname(file), entry.originalSource));
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload); // what the build wrote
  } catch {
    return undefined; // a stack without it is better than none
  }
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error'; // its name or message could not be made a text
  }
}
