/** `npm run docs:configuration`: writes docs/configuration.md from the configuration's own declaration. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';

prepare();
const { configurationPage } = createRequire(import.meta.url)(join(ROOT, 'dist', 'libs', 'config', 'documentation.js'));
writeFileSync(join(ROOT, 'docs', 'configuration.md'), configurationPage());
