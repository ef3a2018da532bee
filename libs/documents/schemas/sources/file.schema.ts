import { FILE_FORMATS } from '../../sources/file';
import { closed, COLUMN_NAME, DURATION, TEXT } from '../parts';

export const FILE_SOURCE = closed(
  {
    url: TEXT,
    files: { type: 'string', minLength: 1, maxLength: 500 },
    format: { enum: FILE_FORMATS },
    delimiter: { type: 'string', pattern: '^[\\t -~]$', not: { enum: ['"', '\n', '\r'] } },
    settle: DURATION,
    placeAs: COLUMN_NAME,
    region: { type: 'string', pattern: '^[a-z0-9-]{1,64}$' },
    auth: closed({ accessKeyId: TEXT, secretAccessKey: TEXT }, ['accessKeyId', 'secretAccessKey']),
  },
  ['url', 'files', 'format'],
);
