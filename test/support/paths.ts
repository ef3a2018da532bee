import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');
export const EXAMPLES_FOLDER = join(ROOT, 'examples');
