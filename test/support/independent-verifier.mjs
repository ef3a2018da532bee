/**
 * Verifies a saved audit log with nothing of Chartly's: RFC 6962 by its own recursive definition, C2SP signed notes by
 * hand, WebCrypto for the signature. Written apart from the product's verifier, so that the two can disagree.
 *
 *   node test/support/independent-verifier.mjs BUNDLE.json VERIFIER_KEY [EARLIER_BUNDLE.json]
 *
 * Prints one line; ends with 0 when the log is what its head was signed over, with 1 when it is not.
 */
import { readFile } from 'node:fs/promises';

const { subtle } = globalThis.crypto;
const utf8 = { encode: (text) => Uint8Array.from(Buffer.from(text, 'utf8')) };
const bytesOf = (base64) => Uint8Array.from(Buffer.from(base64, 'base64'));
const base64Of = (bytes) => Buffer.from(bytes).toString('base64');
const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (...parts) => new Uint8Array(await subtle.digest('SHA-256', join(...parts)));

/** MTH(D[n]) of RFC 6962 §2.1, word for word. */
async function mth(entries) {
  const n = entries.length;
  if (n === 0) return sha256();
  if (n === 1) return sha256([0x00], entries[0]);
  let k = 1;
  while (k * 2 < n) k *= 2;
  return sha256([0x01], await mth(entries.slice(0, k)), await mth(entries.slice(k)));
}

/** `name+hash+base64` -> its parts, once its hash is shown to be that of name and key. */
async function readKey(text) {
  const [name, hash, ...rest] = text.split('+');
  const typed = bytesOf(rest.join('+'));
  if (typed[0] !== 0x01 || typed.length !== 33) throw new Error('the key is no Ed25519 verifier key');
  const id = (await sha256(utf8.encode(`${name}\n`), typed)).slice(0, 4);
  if (Buffer.from(id).toString('hex') !== hash) throw new Error('the key is not what its hash says');
  const key = await subtle.importKey('raw', typed.slice(1), { name: 'Ed25519' }, false, ['verify']);
  return { name, id, key };
}

/** The size and root of a head that `by` signed. */
async function readHead(note, by) {
  const cut = note.indexOf('\n\n');
  const text = note.slice(0, cut + 1);
  for (const line of note.slice(cut + 2).split('\n')) {
    const [dash, name, signature] = line.split(' ');
    if (dash !== '—' || name !== by.name) continue;
    const bytes = bytesOf(signature);
    if (!by.id.every((byte, at) => byte === bytes[at])) continue;
    if (!(await subtle.verify({ name: 'Ed25519' }, by.key, bytes.slice(4), utf8.encode(text)))) continue;
    const [origin, size, root] = text.split('\n');
    return { origin, size: Number(size), root };
  }
  throw new Error('the head is not signed by the key');
}

async function requireRoot(leaves, { size, root }, what) {
  if (leaves.length < size) throw new Error(`${what}: ${size - leaves.length} entries are missing`);
  const found = base64Of(await mth(leaves.slice(0, size).map((leaf) => utf8.encode(leaf))));
  if (found !== root) throw new Error(`${what}: the root over ${size} entries is ${found}, not ${root}`);
}

async function main([bundleFile, keyText, earlierFile]) {
  const read = async (file) => JSON.parse(await readFile(file, 'utf8'));
  const { leaves, note } = await read(bundleFile);
  const by = await readKey(keyText);
  const head = await readHead(note, by);
  await requireRoot(leaves, head, 'the log');
  if (earlierFile !== undefined) {
    const earlier = await readHead((await read(earlierFile)).note, by);
    if (earlier.origin !== head.origin) throw new Error('the earlier head is of another log');
    if (earlier.size > head.size) throw new Error(`the log was cut from ${earlier.size} entries to ${head.size}`);
    await requireRoot(leaves, earlier, 'the earlier log');
  }
  return `verified: ${head.size} entries of ${head.origin}`;
}

main(process.argv.slice(2)).then(
  (line) => process.stdout.write(`${line}\n`),
  (error) => {
    process.stdout.write(`NOT VERIFIED: ${error.message}\n`);
    process.exitCode = 1;
  },
);
