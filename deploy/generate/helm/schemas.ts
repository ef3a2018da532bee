import { Field } from './fields';

/** What kinds of values there are in the chart. */
export const text = (doc: string, value = ''): Field => ({ doc, schema: { type: 'string' }, value });

export const name = (doc: string, value: string): Field => ({
  doc,
  schema: { type: 'string', pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', maxLength: 253 },
  value,
});

/** The name of a key in a Secret or ConfigMap. */
export const key = (doc: string, value: string): Field => ({
  doc,
  schema: { type: 'string', pattern: '^[-._a-zA-Z0-9{}]+$', maxLength: 253 },
  value,
});

export const flag = (doc: string, value: boolean): Field => ({ doc, schema: { type: 'boolean' }, value });

export const count = (doc: string, value: number, maximum = 1_000): Field => ({
  doc,
  schema: { type: 'integer', minimum: 1, maximum },
  value,
});

export const choice = (doc: string, options: readonly string[], value: string): Field => ({
  doc,
  schema: { enum: options },
  value,
});

const QUANTITY = { type: ['string', 'integer'], pattern: '^[0-9]+(\\.[0-9]+)?(m|Ki|Mi|Gi|Ti|k|M|G|T)?$' };

export const quantity = (doc: string, value: string): Field => ({ doc, schema: QUANTITY, value });

const AMOUNTS = {
  type: 'object',
  additionalProperties: false,
  properties: { cpu: QUANTITY, memory: QUANTITY, 'ephemeral-storage': QUANTITY },
};

export const resources = (doc: string, value: object): Field => ({
  doc,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['requests', 'limits'],
    properties: {
      requests: { ...AMOUNTS, required: ['cpu', 'memory'] },
      limits: { ...AMOUNTS, required: ['memory'] },
    },
  },
  value,
});

export const texts = (doc: string): Field => ({
  doc,
  schema: { type: 'object', additionalProperties: { type: 'string' } },
  value: {},
});

export const cidrs = (doc: string): Field => ({
  doc,
  schema: { type: 'array', items: { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' } },
  value: [],
});

export const objects = (doc: string, value: readonly object[] = []): Field => ({
  doc,
  schema: { type: 'array', items: { type: 'object' } },
  value,
});

/** Ways out of a network policy; an empty peer or port would open all of them. */
export const ways = (doc: string): Field => ({
  doc,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['to', 'ports'],
      properties: {
        to: { type: 'array', minItems: 1, items: { type: 'object', minProperties: 1 } },
        ports: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 65_535 } },
      },
    },
  },
  value: [],
});

export const object = (doc: string): Field => ({ doc, schema: { type: 'object' }, value: {} });

/** Variables of a process: never those that carry a secret (rule 17). */
export const environment = (doc: string, secretVariables: readonly string[], value: object = {}): Field => ({
  doc,
  schema: {
    type: 'object',
    propertyNames: { pattern: '^CHARTLY_[A-Z0-9_]+$', not: { enum: secretVariables } },
    additionalProperties: { type: ['string', 'integer', 'boolean'] },
  },
  value,
});

/** A tag that says which release it is; never latest (rule 8). */
export const tag = (doc: string, value: string): Field => ({
  doc,
  schema: { type: 'string', pattern: '^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$', not: { const: 'latest' } },
  value,
});

export const digest = (doc: string): Field => ({
  doc,
  schema: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  value: '',
});
