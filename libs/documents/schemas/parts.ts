import { DURATION_PATTERN } from '../duration';

/** Schemas that several kinds share. */
export const NAME = { type: 'string', pattern: '^[a-z][a-z0-9_-]{0,62}$' } as const;
export const COLUMN_NAME = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' } as const;
/** A field of a record, or a dotted path to one. */
export const FIELD = { type: 'string', minLength: 1, maxLength: 200 } as const;
export const DURATION = { type: 'string', pattern: DURATION_PATTERN } as const;
export const TEXT = { type: 'string', minLength: 1, maxLength: 2_000 } as const;
export const EXPRESSION = { type: 'string', minLength: 1, maxLength: 4_000 } as const;
export const HEADERS = {
  type: 'object',
  maxProperties: 50,
  propertyNames: { pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$" },
  additionalProperties: { type: 'string', maxLength: 4_000 },
} as const;

/** An object that takes these members and no others. */
export const closed = (properties: Readonly<Record<string, object>>, required: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const METADATA = closed(
  {
    name: NAME,
    project: NAME,
    labels: { type: 'object', maxProperties: 50, additionalProperties: { type: 'string', maxLength: 200 } },
  },
  ['name'],
);

/** A document of one kind. */
export const documentSchema = (kind: string, spec: object): object =>
  closed({ apiVersion: { const: 'chartly.io/v1' }, kind: { const: kind }, metadata: METADATA, spec }, [
    'apiVersion',
    'kind',
    'metadata',
    'spec',
  ]);
