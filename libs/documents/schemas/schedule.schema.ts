import { closed, DURATION, TEXT } from './parts';

export const RETRY = closed(
  {
    max: { type: 'integer', minimum: 0, maximum: 20 },
    backoff: { enum: ['exponential', 'fixed'] },
    initial: DURATION,
  },
  ['max'],
);

export const SCHEDULE = closed({
  every: DURATION,
  cron: TEXT,
  timezone: TEXT,
  overlap: { enum: ['skip'] },
  timeout: DURATION,
  retry: RETRY,
});
