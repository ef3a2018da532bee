import { COMPATIBILITY_MODES } from '../compatibility/modes';
import { AUTH } from './sources/http.schema';
import { closed, documentSchema, HEADERS, TEXT } from './parts';

/** A Schema: a versioned JSON Schema that validate steps name. */
export const SCHEMA_SCHEMA = documentSchema(
  'Schema',
  closed(
    {
      version: { type: 'integer', minimum: 1 },
      jsonSchema: { type: 'object' },
      compatibility: { enum: COMPATIBILITY_MODES },
    },
    ['version', 'jsonSchema'],
  ),
);

/** A Connection: where something outside is and how it wants to be told who asks. Secrets stand here by reference alone. */
export const CONNECTION_SCHEMA = documentSchema(
  'Connection',
  closed({ url: TEXT, headers: HEADERS, auth: AUTH }, ['url']),
);
