import { BodyConfig } from './body-parsers';
import { BodyLimits } from './content-coding';

const KIB = 1_024;
/** Of a route that reads JSON into fields. Unit: bytes. */
export const JSON_BODY_MAX_BYTES = 1_024 * KIB;
/** Of a route that anybody may call. Unit: bytes. */
export const PUBLIC_BODY_MAX_BYTES = 64 * KIB;

/**
 * How large the bodies of a route may be, within `most`. Routes that take bytes as they come (events, documents, and the
 * hooks, whose signature is over the body) have the whole of it.
 */
export function bodyLimitsOf({ raw }: BodyConfig, isPublic: boolean, most: BodyLimits): BodyLimits {
  if (raw) return most;
  const maxBytes = isPublic ? PUBLIC_BODY_MAX_BYTES : JSON_BODY_MAX_BYTES;
  return { wire: Math.min(most.wire, maxBytes), inflated: Math.min(most.inflated, maxBytes) };
}
