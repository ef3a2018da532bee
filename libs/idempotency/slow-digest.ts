import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { IdempotencyKey } from '#libs/transport/call-context';

/** 16 MiB and some tenths of a second for each guess: OWASP's parameters for passwords under scrypt (RFC 7914). */
const COST = { N: 2 ** 14, r: 8, p: 5 };
const BYTES = 32;
const derive = promisify<string, string, number, typeof COST, Buffer>(scrypt);

/**
 * A request's digest as it may lie in a database: whoever reads it there finds a password that was in the body no sooner
 * than by the password's own hash. The same key and request always give the same, in base64.
 */
export async function slowDigest({ scope, key, digest }: IdempotencyKey): Promise<string> {
  return (await derive(digest, `${scope} ${key}`, BYTES, COST)).toString('base64');
}
