import { COLUMN_TYPES, REDACTIONS } from '../pipeline';
import { closed, COLUMN_NAME, documentSchema, DURATION, EXPRESSION, FIELD, HEADERS, NAME, TEXT } from './parts';

const RETRY = closed(
  {
    max: { type: 'integer', minimum: 0, maximum: 20 },
    backoff: { enum: ['exponential', 'fixed'] },
    initial: DURATION,
  },
  ['max'],
);

const SCHEDULE = closed({
  every: DURATION,
  cron: TEXT,
  timezone: TEXT,
  overlap: { enum: ['skip'] },
  timeout: DURATION,
  retry: RETRY,
});

const SOURCE = closed(
  {
    http: closed(
      {
        url: TEXT,
        method: { enum: ['GET', 'POST'] },
        headers: HEADERS,
        query: { type: 'object', maxProperties: 50, additionalProperties: { type: ['string', 'number', 'boolean'] } },
        records: TEXT,
        format: { enum: ['json', 'ndjson'] },
      },
      ['url'],
    ),
    paginate: closed({
      offset: closed(
        {
          param: TEXT,
          start: { type: 'integer', minimum: 0 },
          size: closed({ param: TEXT, value: { type: 'integer', minimum: 1, maximum: 10_000 } }, ['param', 'value']),
        },
        ['param', 'size'],
      ),
      nextUrl: closed({ path: TEXT }, ['path']),
    }),
    cursor: closed({ path: TEXT, param: TEXT, start: { type: 'string', format: 'date-time' }, lookback: DURATION }, [
      'path',
      'param',
      'start',
    ]),
    limits: closed({
      rate: { type: 'string', pattern: '^[1-9]\\d{0,5}/(s|m|h)$' },
      concurrency: { const: 1 },
      retry: RETRY,
    }),
  },
  ['http'],
);

const LOOKUP_ROWS_MAX = 10_000;

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
    set: {
      type: 'object',
      minProperties: 1,
      maxProperties: 100,
      propertyNames: COLUMN_NAME,
      additionalProperties: TEXT,
    },
    missing: { enum: ['null', 'quarantine'] },
  },
  ['key', 'table', 'set'],
);

const STEP = closed({
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

const STORE = closed(
  {
    dataset: NAME,
    time: COLUMN_NAME,
    key: { type: 'array', items: COLUMN_NAME, minItems: 1, maxItems: 16, uniqueItems: true },
    mode: { enum: ['append'] },
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

const ROLLUP = closed(
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

/** A Pipeline, as draft 2020-12; `PipelineSpec` is the same in types. */
export const PIPELINE_SCHEMA = documentSchema(
  'Pipeline',
  closed(
    {
      schedule: SCHEDULE,
      source: SOURCE,
      steps: { type: 'array', items: STEP, maxItems: 100 },
      store: STORE,
      rollups: { type: 'array', items: ROLLUP, maxItems: 50 },
    },
    ['steps', 'store'],
  ),
);
