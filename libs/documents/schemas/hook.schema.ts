import { HOOK_SCHEMES } from '../hook';
import { closed } from './parts';

const HEADER = { type: 'string', pattern: '^[a-z0-9-]{1,100}$' } as const;
const SECRETS_MAX = 5;

export const HOOK = closed(
  {
    scheme: { enum: HOOK_SCHEMES },
    secrets: {
      type: 'array',
      items: { type: 'string', pattern: '^\\$\\{secret\\.[a-z][a-z0-9_-]{0,62}\\}$' },
      minItems: 1,
      maxItems: SECRETS_MAX,
    },
    signature: closed(
      {
        header: HEADER,
        prefix: { type: 'string', maxLength: 50 },
        encoding: { enum: ['hex', 'base64'] },
        timestamp: HEADER,
        signed: { type: 'string', maxLength: 200 },
      },
      ['header'],
    ),
  },
  ['scheme', 'secrets'],
);
