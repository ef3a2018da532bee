import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the checkout or the installed package lies: the nearest folder above with a package.json. */
export const PACKAGE_ROOT = rootAbove(__dirname);

/** The server's entry point. */
export const SERVER = join(PACKAGE_ROOT, 'dist', 'src', 'main.js');

export const EXAMPLES = join(PACKAGE_ROOT, 'examples');

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json')) || folder === dirname(folder)) return folder;
  return rootAbove(dirname(folder));
}
