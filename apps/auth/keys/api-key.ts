import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const SECRET_BYTES = 32;
const SECRET_CHARS = 43;
const CRC_CHARS = 6;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const API_KEY = new RegExp(`^ck_([0-9a-f]{32})_([0-9A-Za-z]{${SECRET_CHARS}})_([0-9A-Za-z]{${CRC_CHARS}})$`);

/** A key's text, shown once, and the digest that is kept of it. */
export interface MintedKey {
  readonly text: string;
  readonly secretHash: Buffer;
}

/**
 * A new key `ck_<id>_<secret>_<crc>` (rule 17): 256 random bits in base 62, and a CRC-32 of what stands before it, so
 * that a secret scanner can tell a key from a look-alike offline. Only SHA-256 of the secret is kept: at 256 bits of
 * entropy a slow hash would add nothing.
 */
export function mintApiKey(id: string): MintedKey {
  const secret = base62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_CHARS);
  const body = `ck_${id.replaceAll('-', '')}_${secret}`;
  return { text: `${body}_${checksum(body)}`, secretHash: hashSecret(secret) };
}

/** The id and secret in a key's text; undefined when its form or its checksum is off. */
export function readApiKey(text: string): { id: string; secretHash: Buffer } | undefined {
  const match = API_KEY.exec(text);
  const [, id, secret, crc] = match ?? [];
  if (!id || !secret || checksum(`ck_${id}_${secret}`) !== crc) return undefined;
  const uuid = `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
  return { id: uuid, secretHash: hashSecret(secret) };
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), CRC_CHARS);
}

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; digits.length < length; rest /= 62n) digits = BASE62[Number(rest % 62n)]! + digits;
  return digits;
}
