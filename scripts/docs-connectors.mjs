/** `npm run docs:connectors`: writes the table of docs/connectors.md and the schema for editors from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';

prepare();
const built = createRequire(import.meta.url);
const { withGuarantees } = built(join(ROOT, 'dist', 'apps', 'connector-hub', 'sources', 'guarantee-table.js'));
const { editorSchema } = built(join(ROOT, 'dist', 'libs', 'documents', 'document-schemas.js'));
const page = join(ROOT, 'docs', 'connectors.md');
writeFileSync(page, withGuarantees(readFileSync(page, 'utf8')));
writeFileSync(join(ROOT, 'docs', 'chartly.schema.json'), `${JSON.stringify(editorSchema(), undefined, 2)}\n`);
