import { COLUMN_TYPES, STORE_MODES } from '../store';
import { closed, COLUMN_NAME, DURATION, NAME } from './parts';

export const STORE = closed(
  {
    dataset: NAME,
    time: COLUMN_NAME,
    key: { type: 'array', items: COLUMN_NAME, minItems: 1, maxItems: 16, uniqueItems: true },
    mode: { enum: STORE_MODES },
    version: COLUMN_NAME,
    deleted: COLUMN_NAME,
    dedupe: closed({ by: { const: 'key' } }, ['by']),
    retain: DURATION,
    columns: {
      type: 'object',
      minProperties: 1,
      maxProperties: 500,
      propertyNames: COLUMN_NAME,
      additionalProperties: { enum: COLUMN_TYPES.flatMap((type) => [type, `${type}?`]) },
    },
  },
  ['dataset', 'time', 'key'],
);
