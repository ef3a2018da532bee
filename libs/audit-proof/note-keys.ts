import { createHash, createPublicKey, KeyObject } from 'node:crypto';

/** What a key's signatures are over (C2SP signed-note): the note's text, or a witness's statement of it. */
export const KEY_TYPES = { note: 0x01, cosignature: 0x04 } as const;
export type KeyType = keyof typeof KEY_TYPES;

const KEY_ID_BYTES = 4;
const RAW_KEY_BYTES = 32;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/=]+)$/;

/** An Ed25519 key whose signatures are believed, and the name that it signs under. */
export interface Verifier {
  readonly name: string;
  readonly id: Buffer;
  readonly key: KeyObject;
}

/** `name+hash+base64`, the form in which a verifier's key is handed around (C2SP signed-note). */
export function verifierKey(name: string, publicKey: KeyObject, type: KeyType = 'note'): string {
  const raw = rawKey(publicKey);
  const key = Buffer.concat([Buffer.of(KEY_TYPES[type]), raw]);
  return `${name}+${keyId(name, raw, type).toString('hex')}+${key.toString('base64')}`;
}

/** Reads what {@link verifierKey} writes; undefined for any other text, and for a key of another type. */
export function readVerifier(text: string, type: KeyType): Verifier | undefined {
  const [, name, hash, base64] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (!name || bytes.length !== 1 + RAW_KEY_BYTES || bytes[0] !== KEY_TYPES[type]) return undefined;
  const raw = bytes.subarray(1);
  const id = keyId(name, raw, type);
  if (id.toString('hex') !== hash) return undefined;
  return { name, id, key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' }) };
}

/** A signature's line in a note: who, and the bytes behind the key's id. */
export function signatureLine(name: string, publicKey: KeyObject, type: KeyType, signature: Uint8Array): string {
  return `— ${name} ${Buffer.concat([keyId(name, rawKey(publicKey), type), signature]).toString('base64')}\n`;
}

/** The bytes that `verifier` put on a note, from each of its lines; one whose base64 has a second spelling is none. */
export function signaturesBy({ name, id }: Verifier, note: SignedText): Buffer[] {
  return note.signatures.split('\n').flatMap((line) => {
    const [, signer, base64] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = Buffer.from(base64 ?? '', 'base64');
    if (signer !== name || bytes.toString('base64') !== base64) return [];
    return bytes.subarray(0, KEY_ID_BYTES).equals(id) ? [bytes.subarray(KEY_ID_BYTES)] : [];
  });
}

/** A note's text, with its last line end, and the lines of signatures below it. */
export interface SignedText {
  readonly text: string;
  readonly signatures: string;
}

/** A note as its two parts (C2SP signed-note); undefined for a text without the blank line between them. */
export function splitNote(note: string): SignedText | undefined {
  const at = note.lastIndexOf('\n\n');
  return at < 0 ? undefined : { text: note.slice(0, at + 1), signatures: note.slice(at + 2) };
}

function keyId(name: string, raw: Buffer, type: KeyType): Buffer {
  const hash = createHash('sha256').update(`${name}\n`).update(Buffer.of(KEY_TYPES[type])).update(raw);
  return hash.digest().subarray(0, KEY_ID_BYTES);
}

/** The 32 bytes of an Ed25519 key, which end its SPKI form. */
const rawKey = (publicKey: KeyObject): Buffer =>
  publicKey.export({ type: 'spki', format: 'der' }).subarray(-RAW_KEY_BYTES);
