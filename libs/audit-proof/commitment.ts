import { createHmac, timingSafeEqual } from 'node:crypto';

export const SALT_BYTES = 32;

/** What stands in a leaf in place of a value that belongs to a person: it tells nothing without the salt. */
export interface Commitment {
  /** HMAC-SHA-256 of the value's UTF-8 bytes under the salt, in hex. */
  readonly commitment: string;
}

/** A value that was committed to, as long as its subject has not been erased. */
export interface Disclosure {
  /** Where in the leaf the commitment stands, as in `actor.name`. */
  readonly path: string;
  /** 32 bytes in base64. */
  readonly salt: string;
  readonly value: string;
}

export const commitTo = (salt: Uint8Array, value: string): Commitment => ({
  commitment: createHmac('sha256', salt).update(value, 'utf8').digest('hex'),
});

/** Whether a disclosure is what a leaf was committed to. */
export function opens(leaf: string, { path, salt, value }: Disclosure): boolean {
  const there = path.split('.').reduce<unknown>(memberOf, JSON.parse(leaf));
  const written = memberOf(there, 'commitment');
  if (typeof written !== 'string') return false;
  const { commitment } = commitTo(Buffer.from(salt, 'base64'), value);
  return written.length === commitment.length && timingSafeEqual(Buffer.from(written), Buffer.from(commitment));
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
