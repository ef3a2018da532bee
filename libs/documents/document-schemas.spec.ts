import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorSchema } from './document-schemas';

describe('the schema for editors', () => {
  it('docs/chartly.schema.json is what documents are held against (npm run docs:connectors writes it)', () => {
    const file = readFileSync(join(__dirname, '..', '..', 'docs', 'chartly.schema.json'), 'utf8');
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(editorSchema())));
  });

  it('takes a document and refuses a member that there is not', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    const validate = ajv.compile(editorSchema());
    const connection = { apiVersion: 'chartly.io/v1', kind: 'Connection', metadata: { name: 'x' } };
    expect(validate({ ...connection, spec: { url: 'https://x.example' } })).toBe(true);
    expect(validate({ ...connection, spec: { urll: 'https://x.example' } })).toBe(false);
  });
});
