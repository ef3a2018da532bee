/** `npm run deploy:generate`: writes everything that is made from deploy/components.yaml. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';

prepare();
const { generatedFiles } = createRequire(import.meta.url)(join(ROOT, 'dist', 'deploy', 'generate', 'files.js'));
for (const [path, text] of generatedFiles(ROOT)) {
  const file = join(ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
