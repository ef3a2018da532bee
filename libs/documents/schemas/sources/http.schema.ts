import { closed, DURATION, HEADERS, TEXT } from '../parts';

export const HTTP_SOURCE = closed(
  {
    url: TEXT,
    method: { enum: ['GET', 'POST'] },
    headers: HEADERS,
    query: { type: 'object', maxProperties: 50, additionalProperties: { type: ['string', 'number', 'boolean'] } },
    records: TEXT,
    format: { enum: ['json', 'ndjson'] },
  },
  ['url'],
);

export const PAGINATE = closed({
  offset: closed(
    {
      param: TEXT,
      start: { type: 'integer', minimum: 0 },
      size: closed({ param: TEXT, value: { type: 'integer', minimum: 1, maximum: 10_000 } }, ['param', 'value']),
    },
    ['param', 'size'],
  ),
  nextUrl: closed({ path: TEXT }, ['path']),
});

export const CURSOR = closed(
  { path: TEXT, param: TEXT, start: { type: 'string', format: 'date-time' }, lookback: DURATION },
  ['path', 'param', 'start'],
);
