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

/** MTH(D[n]) of RFC 6962 §2.1, word for word; an entry that was dropped has left its hash. */
async function mth(entries) {
  const n = entries.length;
  if (n === 0) return sha256();
  if (n === 1) return entries[0].hash ? bytesOf(entries[0].hash) : sha256([0x00], utf8.encode(entries[0]));
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
  const found = base64Of(await mth(leaves.slice(0, size)));
  if (found !== root) throw new Error(`${what}: the root over ${size} entries is ${found}, not ${root}`);
}

/** The keys from the trusted one on, each named by the last entry of a head that the one before it signed. */
async function followKeys(leaves, handovers, trusted) {
  const named = (leaf) => /^\{"action":"audit\.rotate_key",.*"target":"AuditKey\/([^"]+)"/.exec(leaf)?.[1];
  const keys = [{ by: await readKey(trusted), from: 0 }];
  const first = handovers.map(({ leaf }) => named(leaf)).lastIndexOf(trusted) + 1;
  for (const { note, leaf } of handovers.slice(first)) {
    const head = await readHead(note, keys.at(-1).by);
    if (head.size <= keys.at(-1).from) throw new Error('a handover is not behind the one before it');
    await requireRoot(leaves.with(head.size - 1, leaf), head, 'a handover');
    keys.push({ by: await readKey(named(leaf)), from: head.size });
  }
  const told = leaves.flatMap((leaf, at) => (named(leaf) === undefined ? [] : [at + 1]));
  const since = leaves.findLastIndex((leaf) => named(leaf) === trusted) + 1;
  const untold = told.find((size) => size > since && !keys.some(({ from }) => from === size));
  if (untold !== undefined) throw new Error(`entry ${untold - 1} hands over to a key, and no head says so`);
  return keys;
}

/** The head by the key of its time: at a handover, by either of two. */
async function headOf(note, keys) {
  for (const [at, { by, from }] of keys.entries()) {
    const head = await readHead(note, by).catch(() => undefined);
    if (head && head.size >= from && head.size <= (keys[at + 1]?.from ?? Infinity)) return head;
  }
  throw new Error('the head is not signed by a key of its time');
}

/** What was dropped has to be announced by an entry that is there. */
function requireAnnounced(leaves) {
  const last = leaves.findLastIndex((leaf) => leaf.hash);
  const told = leaves.map(
    (leaf) => /^\{"action":"audit\.seal",.*"target":"AuditEntries\/0-(\d+)"/.exec(leaf)?.[1] ?? -1,
  );
  if (last > Math.max(-1, ...told.map(Number))) throw new Error(`entry ${last} was dropped, and no entry says so`);
}

async function main([bundleFile, keyText, earlierFile]) {
  const read = async (file) => JSON.parse(await readFile(file, 'utf8'));
  const { leaves, note, handovers = [] } = await read(bundleFile);
  const keys = await followKeys(leaves, handovers, keyText);
  const head = await headOf(note, keys);
  await requireRoot(leaves, head, 'the log');
  requireAnnounced(leaves.slice(0, head.size));
  if (earlierFile !== undefined) {
    const earlier = await headOf((await read(earlierFile)).note, keys);
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
