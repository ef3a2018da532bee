import { join } from 'node:path';

/** The package's folder, whether this file runs as it was written or as it was built. */
const BUILT = /[\\/]dist[\\/]apps[\\/]normalizer$/.test(__dirname);
const ROOT = join(__dirname, ...(BUILT ? ['..', '..', '..'] : ['..', '..']));

/** The built form of one of our files, for what runs in a process or thread of its own. `path` is as in the sources. */
export function builtFile(path: string): string {
  return join(ROOT, 'dist', path.replace(/\.ts$/, '.js'));
}
