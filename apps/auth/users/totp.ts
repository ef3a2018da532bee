import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_MS = 30_000;
const DIGITS = 6;
/** A clock may be one step off either way (RFC 6238 §5.2). */
const WINDOW = [0, -1, 1];
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export type TotpHash = 'sha1' | 'sha256' | 'sha512';

/** The one-time password of a counter (RFC 4226 §5.3). */
export function hotp(secret: Buffer, counter: bigint, digits = DIGITS, hash: TotpHash = 'sha1'): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(counter);
  const mac = createHmac(hash, secret).update(message).digest();
  const at = mac[mac.length - 1]! & 0x0f;
  const number = mac.readUInt32BE(at) & 0x7f_ff_ff_ff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

export const stepAt = (timeMs: number): bigint => BigInt(Math.floor(timeMs / STEP_MS));

/**
 * The step whose password `code` is, at `timeMs` or one step off (RFC 6238); undefined for none. A step at or before
 * `lastStep` does not count: each password works once.
 */
export function matchingStep(secret: Buffer, code: string, timeMs: number, lastStep: bigint): bigint | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const now = stepAt(timeMs);
  return WINDOW.map((offset) => now + BigInt(offset)).find(
    (step) => step > lastStep && timingSafeEqual(Buffer.from(hotp(secret, step)), Buffer.from(code)),
  );
}

/** RFC 4648 §6, without padding. */
export function base32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}
