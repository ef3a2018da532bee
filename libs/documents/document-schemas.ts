import { DocumentKind } from './pipeline';
import { CONNECTION_SCHEMA, SCHEMA_SCHEMA } from './schemas/others.schema';
import { PIPELINE_SCHEMA } from './schemas/pipeline.schema';

/** What each kind of document may say, as draft 2020-12. */
export const DOCUMENT_SCHEMAS: Readonly<Record<DocumentKind, object>> = {
  Pipeline: PIPELINE_SCHEMA,
  Schema: SCHEMA_SCHEMA,
  Connection: CONNECTION_SCHEMA,
};

/** One schema for a file of documents, for editors: `# yaml-language-server: $schema=...`. */
export const editorSchema = (): object => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Chartly documents',
  description: 'What a document of Chartly may say. `chartly plan` finds what no schema can say.',
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: { kind: { enum: Object.keys(DOCUMENT_SCHEMAS) } },
  allOf: Object.entries(DOCUMENT_SCHEMAS).map(([kind, schema]) => ({
    if: { properties: { kind: { const: kind } } },
    then: schema,
  })),
});
