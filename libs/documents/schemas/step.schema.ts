import { LOOKUP_ROWS_MAX, REDACTIONS } from '../step';
import { closed, COLUMN_NAME, EXPRESSION, FIELD, NAME, TEXT } from './parts';

const EXPRESSIONS = {
  type: 'object',
  minProperties: 1,
  maxProperties: 500,
  propertyNames: COLUMN_NAME,
  additionalProperties: EXPRESSION,
} as const;
const NAMES = {
  type: 'object',
  minProperties: 1,
  maxProperties: 500,
  propertyNames: FIELD,
  additionalProperties: FIELD,
};

const LOOKUP = closed(
  {
    key: EXPRESSION,
    table: {
      type: 'object',
      minProperties: 1,
      maxProperties: LOOKUP_ROWS_MAX,
      additionalProperties: {
        type: 'object',
        maxProperties: 100,
        additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
      },
    },
    dataset: NAME,
    by: COLUMN_NAME,
    set: {
      type: 'object',
      minProperties: 1,
      maxProperties: 100,
      propertyNames: COLUMN_NAME,
      additionalProperties: TEXT,
    },
    missing: { enum: ['null', 'quarantine'] },
  },
  ['key', 'set'],
);

export const STEP = closed({
  name: NAME,
  map: EXPRESSIONS,
  set: EXPRESSIONS,
  unset: { type: 'array', items: FIELD, minItems: 1, maxItems: 500, uniqueItems: true },
  rename: NAMES,
  filter: EXPRESSION,
  split: EXPRESSION,
  lookup: LOOKUP,
  redact: {
    type: 'object',
    minProperties: 1,
    maxProperties: 500,
    propertyNames: FIELD,
    additionalProperties: { enum: REDACTIONS },
  },
  reshape: closed({ jsonata: EXPRESSION }, ['jsonata']),
  validate: closed(
    { schema: { type: 'string', pattern: '^[a-z][a-z0-9_-]{0,62}@[1-9]\\d*$' }, onFail: { enum: ['quarantine'] } },
    ['schema'],
  ),
});
