import { createPublicKey, KeyObject, sign, verify } from 'node:crypto';
import { HASH_BYTES } from './merkle';
import { readVerifier, signatureLine, signaturesBy, splitNote } from './note-keys';

/** A checkpoint of the log (C2SP tlog-checkpoint): its name, size and root. */
export interface CheckpointBody {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** A checkpoint as a note with one Ed25519 signature. */
export function signCheckpoint({ origin, size, root }: CheckpointBody, name: string, privateKey: KeyObject): string {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const signature = sign(null, Buffer.from(text), privateKey);
  return `${text}\n${signatureLine(name, createPublicKey(privateKey), 'note', signature)}`;
}

/** A note with one more Ed25519 signature on its text. Throws RangeError for a text that is no note. */
export function addSignature(note: string, name: string, privateKey: KeyObject): string {
  const signed = splitNote(note);
  if (!signed) throw new RangeError('A note has a blank line below its text.');
  return (
    note + signatureLine(name, createPublicKey(privateKey), 'note', sign(null, Buffer.from(signed.text), privateKey))
  );
}

/** The checkpoint in a note, when a signature on it is by `verifier`; undefined for anything else. */
export function openCheckpoint(note: string, verifier: string): CheckpointBody | undefined {
  const signed = splitNote(note);
  const by = readVerifier(verifier, 'note');
  if (!signed || !by) return undefined;
  const isBy = signaturesBy(by, signed).some((bytes) => verify(null, Buffer.from(signed.text), by.key, bytes));
  return isBy ? checkpointIn(signed.text) : undefined;
}

/** The checkpoint in a note, whoever signed it; undefined for any other text. */
export function readCheckpoint(note: string): CheckpointBody | undefined {
  const signed = splitNote(note);
  return signed && checkpointIn(signed.text);
}

/** The name of the log that a note is of, whoever signed it. */
export const originOf = (note: string): string => note.slice(0, note.indexOf('\n'));

function checkpointIn(text: string): CheckpointBody | undefined {
  const [origin, size, root, ...rest] = text.split('\n');
  if (!origin || !/^(0|[1-9]\d*)$/.test(size ?? '') || !Number.isSafeInteger(Number(size)) || rest.join('') !== '') {
    return undefined;
  }
  const hash = Buffer.from(root ?? '', 'base64');
  return hash.length === HASH_BYTES ? { origin, size: Number(size), root: hash } : undefined;
}
