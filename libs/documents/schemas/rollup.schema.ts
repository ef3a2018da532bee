import { BUCKET_UNITS } from '../bucket-units';
import { DURATION_PATTERN } from '../duration';
import { closed, COLUMN_NAME, NAME, TEXT } from './parts';

export const ROLLUP = closed(
  {
    name: NAME,
    bucket: { type: 'string', pattern: `^(?:${BUCKET_UNITS.join('|')})$|${DURATION_PATTERN}` },
    timezone: TEXT,
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
