import { DRIFTS } from '../sources/common';
import { RETRY } from './schedule.schema';
import { CURSOR, HTTP_SOURCE, PAGINATE, PARENT, WINDOW } from './sources/http.schema';
import { closed } from './parts';

/** A source of any kind; that it has one kind alone, and what goes with it, is for the rules to say. */
export const SOURCE = closed({
  http: HTTP_SOURCE,
  parent: PARENT,
  paginate: PAGINATE,
  cursor: CURSOR,
  window: WINDOW,
  drift: { enum: DRIFTS },
  limits: closed({
    rate: { type: 'string', pattern: '^[1-9]\\d{0,5}/(s|m|h)$' },
    concurrency: { type: 'integer', minimum: 1, maximum: 16 },
    retry: RETRY,
  }),
});
