/**
 * `npm run client:generate`: writes libs/client/api.ts from the API's own description. With `--check` it writes nothing,
 * and ends with 1 when the file is not what it would write.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';
import { fail, prepare, ROOT } from './prepare.mjs';

prepare();
const built = createRequire(import.meta.url);
const { apiDocument } = built(join(ROOT, 'dist', 'src', 'api-document.js'));

const file = join(ROOT, 'libs', 'client', 'api.ts');
const document = await apiDocument();
const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex');
const header = `/**
 * The public API as types. Made by \`npm run client:generate\`; nobody writes here.
 *
 * Description: sha256 ${digest}
 */
`;
/** Bodies that are taken as they come may be bytes: JSON Schema has no other word for them than a text. */
const BYTES = ts.factory.createUnionTypeNode([
  ts.factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword),
  ts.factory.createTypeReferenceNode('Uint8Array', [ts.factory.createTypeReferenceNode('ArrayBuffer')]),
]);
const transform = ({ type }, { path = '' }) =>
  type === 'string' && /\/requestBody\/content\/[^/]+$/.test(path) ? BYTES : undefined;
const types = await openapiTypescript(document, { emptyObjectsUnknown: true, transform });
const source = await format(header + astToString(types), {
  ...(await resolveConfig(file)),
  filepath: file,
});
if (!process.argv.includes('--check')) writeFileSync(file, source);
else if (readFileSync(file, 'utf8') !== source) {
  fail('libs/client/api.ts is not what the API says. Run "npm run client:generate" and commit it.');
}
