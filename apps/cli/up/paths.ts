import { join } from 'node:path';

/** Where the checkout or the installed package lies; this file is built to `dist/apps/cli/up/`. */
export const PACKAGE_ROOT = join(__dirname, '..', '..', '..', '..');

/** The server's entry point. */
export const SERVER = join(PACKAGE_ROOT, 'dist', 'src', 'main.js');

export const EXAMPLES = join(PACKAGE_ROOT, 'examples');
