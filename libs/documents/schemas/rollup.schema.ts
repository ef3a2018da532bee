import { closed, COLUMN_NAME, DURATION, NAME, TEXT } from './parts';

export const ROLLUP = closed(
  {
    name: NAME,
    bucket: DURATION,
    by: { type: 'array', items: COLUMN_NAME, maxItems: 16, uniqueItems: true },
    measures: {
      type: 'object',
      minProperties: 1,
      maxProperties: 50,
      propertyNames: COLUMN_NAME,
      additionalProperties: TEXT,
    },
  },
  ['name', 'bucket', 'measures'],
);
