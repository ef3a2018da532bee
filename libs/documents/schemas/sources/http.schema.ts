import { CURSOR_TYPES, HTTP_FORMATS, HTTP_METHODS, TIME_FORMATS } from '../../sources/http';
import { closed, DURATION, HEADERS, TEXT } from '../parts';

const SECRET_TEXT = { type: 'string', minLength: 1, maxLength: 4_000 };
const SCALARS = {
  type: 'object',
  maxProperties: 50,
  additionalProperties: { type: ['string', 'number', 'boolean'], maxLength: 4_000 },
} as const;
const HEADER_NAME = { type: 'string', pattern: HEADERS.propertyNames.pattern };

export const AUTH = closed({
  basic: closed({ username: SECRET_TEXT, password: SECRET_TEXT }, ['username', 'password']),
  bearer: closed({ token: SECRET_TEXT }, ['token']),
  apiKey: closed({ header: HEADER_NAME, query: TEXT, value: SECRET_TEXT }, ['value']),
  headers: HEADERS,
  oauth2: closed(
    {
      tokenUrl: TEXT,
      clientId: SECRET_TEXT,
      clientSecret: SECRET_TEXT,
      scope: TEXT,
      params: { type: 'object', maxProperties: 20, additionalProperties: TEXT },
      clientAuth: { enum: ['basic', 'body'] },
    },
    ['tokenUrl', 'clientId', 'clientSecret'],
  ),
});

export const HTTP_SOURCE = closed(
  {
    url: TEXT,
    method: { enum: HTTP_METHODS },
    headers: HEADERS,
    query: SCALARS,
    body: closed({
      json: {},
      form: SCALARS,
      text: closed({ type: TEXT, value: { type: 'string', maxLength: 100_000 } }, ['type', 'value']),
    }),
    auth: AUTH,
    records: TEXT,
    format: { enum: HTTP_FORMATS },
    conditional: { type: 'boolean' },
  },
  ['url'],
);

const SIZE = closed({ param: TEXT, value: { type: 'integer', minimum: 1, maximum: 10_000 } }, ['value']);
const START = { type: 'integer', minimum: 0, maximum: 1_000_000_000 };
const END = { enum: ['empty', 'short'] };

export const PAGINATE = closed({
  offset: closed({ param: TEXT, start: START, size: SIZE, end: END }, ['size']),
  page: closed({ param: TEXT, start: START, size: SIZE, end: END }),
  cursor: closed({ path: TEXT, param: TEXT }, ['path']),
  nextUrl: closed({ path: TEXT }, ['path']),
  linkHeader: closed({ rel: TEXT }),
  none: closed({}),
  more: TEXT,
  emptyPages: { type: 'integer', minimum: 0, maximum: 1_000 },
});

export const PARENT = closed(
  {
    http: HTTP_SOURCE,
    paginate: PAGINATE,
    values: {
      type: 'object',
      minProperties: 1,
      maxProperties: 10,
      propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' },
      additionalProperties: TEXT,
    },
    as: { type: 'string', minLength: 1, maxLength: 200 },
  },
  ['http', 'values'],
);

export const CURSOR = closed(
  {
    path: TEXT,
    type: { enum: CURSOR_TYPES },
    format: { enum: TIME_FORMATS },
    param: TEXT,
    start: { type: ['string', 'number'], maxLength: 2_000 },
    lookback: { type: ['string', 'number'], minimum: 0, maxLength: 100 },
  },
  ['path'],
);

export const WINDOW = closed({ size: DURATION, param: TEXT }, ['size']);
