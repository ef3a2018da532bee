import { closed, COLUMN_NAME, TEXT } from '../parts';

const TABLE = '^[A-Za-z_][A-Za-z0-9_]{0,62}(\\.[A-Za-z_][A-Za-z0-9_]{0,62})?$';

export const POSTGRES_SOURCE = closed(
  {
    url: TEXT,
    auth: closed({ user: TEXT, password: TEXT }, ['user', 'password']),
    tls: { enum: ['verify', 'off'] },
    table: { type: 'string', pattern: TABLE },
    columns: { type: 'array', items: COLUMN_NAME, minItems: 1, maxItems: 500, uniqueItems: true },
    cursor: COLUMN_NAME,
    tieBreaker: COLUMN_NAME,
  },
  ['url', 'auth', 'table', 'cursor', 'tieBreaker'],
);
