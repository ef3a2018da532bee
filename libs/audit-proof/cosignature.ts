import { createPublicKey, KeyObject, sign, verify } from 'node:crypto';
import { readVerifier, signatureLine, signaturesBy, splitNote } from './note-keys';

const TIME_BYTES = 8;

/**
 * A witness's line under a checkpoint (C2SP tlog-cosignature): that at `seconds` since 1970 this was the largest
 * consistent checkpoint of the log that it had seen.
 */
export function cosign(note: string, seconds: number, name: string, privateKey: KeyObject): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = sign(null, statementOf(textOf(note), seconds), privateKey);
  return signatureLine(name, createPublicKey(privateKey), 'cosignature', Buffer.concat([time, signature]));
}

/** When `witness` cosigned the note, in seconds since 1970; undefined when it did not. */
export function cosignedAt(note: string, witness: string): number | undefined {
  const signed = splitNote(note);
  const by = readVerifier(witness, 'cosignature');
  if (!signed || !by) return undefined;
  for (const bytes of signaturesBy(by, signed)) {
    if (bytes.length <= TIME_BYTES) continue;
    const seconds = Number(bytes.readBigUInt64BE());
    if (verify(null, statementOf(signed.text, seconds), by.key, bytes.subarray(TIME_BYTES))) return seconds;
  }
  return undefined;
}

const statementOf = (text: string, seconds: number): Buffer => Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

function textOf(note: string): string {
  const signed = splitNote(note);
  if (!signed) throw new RangeError('A note has a blank line below its text.');
  return signed.text;
}
