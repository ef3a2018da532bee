import { createHash, createPublicKey, KeyObject, sign, verify } from 'node:crypto';

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/=]+)$/;

/** A checkpoint of the log (C2SP tlog-checkpoint): its name, size and root. */
export interface CheckpointBody {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** `name+hash+base64`, the form in which a verifier's key is handed around (C2SP signed-note). */
export function verifierKey(name: string, publicKey: KeyObject): string {
  const raw = rawKey(publicKey);
  const key = Buffer.concat([Buffer.of(ED25519), raw]);
  return `${name}+${keyId(name, raw).toString('hex')}+${key.toString('base64')}`;
}

/** A checkpoint as a note with one Ed25519 signature. */
export function signCheckpoint({ origin, size, root }: CheckpointBody, name: string, privateKey: KeyObject): string {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = sign(null, Buffer.from(text), privateKey);
  const id = keyId(name, rawKey(createPublicKey(privateKey)));
  return `${text}\n— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

/** The checkpoint in a note, when a signature on it is by `verifier`; undefined for anything else. */
export function openCheckpoint(note: string, verifier: string): CheckpointBody | undefined {
  const at = note.lastIndexOf('\n\n');
  if (at < 0) return undefined;
  const text = note.slice(0, at + 1);
  const key = readVerifier(verifier);
  const signed = note
    .slice(at + 2)
    .split('\n')
    .some((line) => key !== undefined && isSignatureBy(line, text, key));
  return signed ? readCheckpoint(text) : undefined;
}

interface Verifier {
  readonly name: string;
  readonly id: Buffer;
  readonly key: KeyObject;
}

function readVerifier(text: string): Verifier | undefined {
  const [, name, hash, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (!name || bytes.length !== 33 || bytes[0] !== ED25519) return undefined;
  const raw = bytes.subarray(1);
  const id = keyId(name, raw);
  if (id.toString('hex') !== hash) return undefined;
  return { name, id, key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' }) };
}

function isSignatureBy(line: string, text: string, { name, id, key }: Verifier): boolean {
  const [, signer, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (signer !== name || base64 === undefined) return false;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return false; // another spelling of the same bytes is not the same note
  if (!bytes.subarray(0, KEY_ID_BYTES).equals(id)) return false;
  return verify(null, Buffer.from(text), key, bytes.subarray(KEY_ID_BYTES));
}

function readCheckpoint(text: string): CheckpointBody | undefined {
  const [origin, size, root, ...rest] = text.split('\n');
  if (!origin || !/^(0|[1-9]\d*)$/.test(size ?? '') || rest.join('') !== '') return undefined;
  const hash = Buffer.from(root ?? '', 'base64');
  return hash.length === 32 ? { origin, size: Number(size), root: hash } : undefined;
}

const keyId = (name: string, raw: Buffer): Buffer =>
  createHash('sha256').update(`${name}\n`).update(Buffer.of(ED25519)).update(raw).digest().subarray(0, KEY_ID_BYTES);

/** The 32 bytes of an Ed25519 key, which end its SPKI form. */
const rawKey = (publicKey: KeyObject): Buffer => publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
