import { Problem } from './document-problems';
import { durationMs } from './duration';

export const KEEP_RAW_DEFAULT = '7d';
const NONE = 'none';
const MIN = '1h';
const MAX = '400d';

export const KEEP_RAW_PATTERN = String.raw`^(?:none|\d+(?:ms|s|m|h|d|w))$`;

/** How long a pipeline's raw batches are kept; 0 for not at all. Unit: milliseconds. */
export const keepRawMs = (keepRaw = KEEP_RAW_DEFAULT): number => (keepRaw === NONE ? 0 : durationMs(keepRaw));

export function keepRawProblems(keepRaw: string): Problem[] {
  const ms = keepRawMs(keepRaw);
  if (keepRaw === NONE || (ms >= durationMs(MIN) && ms <= durationMs(MAX))) return [];
  return [{ path: 'spec.keepRaw', message: `must be "${NONE}" or between ${MIN} and ${MAX}` }];
}
