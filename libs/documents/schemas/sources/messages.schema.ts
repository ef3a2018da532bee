import { MESSAGE_FORMATS, STARTS } from '../../sources/messages';
import { closed, DURATION, TEXT } from '../parts';

const SECRET_TEXT = { type: 'string', minLength: 1, maxLength: 10_000 };
const PEER_NAME = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,200}$' };
const START = { enum: STARTS };
const FORMAT = { enum: MESSAGE_FORMATS };

export const REDIS_SOURCE = closed(
  {
    url: TEXT,
    auth: closed({ user: TEXT, password: SECRET_TEXT }, ['password']),
    stream: TEXT,
    group: PEER_NAME,
    start: START,
  },
  ['url', 'stream'],
);

export const NATS_SOURCE = closed(
  {
    url: TEXT,
    auth: closed({ user: TEXT, password: SECRET_TEXT, token: SECRET_TEXT, creds: SECRET_TEXT }),
    stream: PEER_NAME,
    subject: { type: 'string', pattern: '^[^\\s.]+(\\.[^\\s.]+)*$', maxLength: 1_000 },
    durable: PEER_NAME,
    start: START,
    format: FORMAT,
  },
  ['url', 'stream'],
);

export const MQTT_SOURCE = closed(
  {
    url: TEXT,
    auth: closed({ user: TEXT, password: SECRET_TEXT }, ['user', 'password']),
    topics: { type: 'array', items: TEXT, minItems: 1, maxItems: 100, uniqueItems: true },
    clientId: PEER_NAME,
    session: DURATION,
    format: FORMAT,
  },
  ['url', 'topics'],
);
