import { DRIFTS } from '../sources/common';
import { RETRY } from './schedule.schema';
import { CURSOR, HTTP_SOURCE, PAGINATE, PARENT, WINDOW } from './sources/http.schema';
import { FILE_SOURCE } from './sources/file.schema';
import { MQTT_SOURCE, NATS_SOURCE, REDIS_SOURCE } from './sources/messages.schema';
import { POSTGRES_SOURCE } from './sources/postgres.schema';
import { WEB_PLACE } from './sources/web.schema';
import { closed } from './parts';

/** A source of any kind; that it has one kind alone, and what goes with it, is for the rules to say. */
export const SOURCE = closed({
  http: HTTP_SOURCE,
  feed: WEB_PLACE,
  postgres: POSTGRES_SOURCE,
  prometheus: WEB_PLACE,
  redis: REDIS_SOURCE,
  nats: NATS_SOURCE,
  mqtt: MQTT_SOURCE,
  file: FILE_SOURCE,
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
