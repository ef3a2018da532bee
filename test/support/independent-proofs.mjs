/**
 * Judges inclusion and consistency proofs with nothing of Chartly's: PATH and SUBPROOF of RFC 6962 §2.1 by their own
 * recursive definition, on WebCrypto. Written apart from the product's verifier, so that the two can disagree.
 *
 *   node test/support/independent-proofs.mjs CASES.json
 *
 * Prints a JSON list that says of each case whether it holds.
 */
import { readFile } from 'node:fs/promises';

const { subtle } = globalThis.crypto;
const bytesOf = (base64) => Uint8Array.from(Buffer.from(base64, 'base64'));
const equal = (a, b) => Buffer.compare(a, b) === 0;
const half = (n) => 2 ** Math.floor(Math.log2(n - 1));

async function node(left, right) {
  if (left.length !== 32 || right.length !== 32) throw new Error('a hash has 32 bytes');
  return new Uint8Array(await subtle.digest('SHA-256', Uint8Array.from([0x01, ...left, ...right])));
}
function last(proof) {
  if (proof.length === 0) throw new Error('the proof is too short');
  return [proof.slice(0, -1), proof.at(-1)];
}
function ended(proof, given) {
  if (proof.length > 0) throw new Error('the proof is too long');
  return given;
}

/** The root to which PATH(m, D[n]) leads from a leaf's hash. */
async function path(m, n, leaf, proof) {
  if (n === 1) return ended(proof, leaf);
  const k = half(n);
  const [rest, sibling] = last(proof);
  return m < k ? node(await path(m, k, leaf, rest), sibling) : node(sibling, await path(m - k, n - k, leaf, rest));
}

/** The two roots to which SUBPROOF(m, D[n], b) leads; `whole` is the older root while the subtree is its whole tree. */
async function subproof(m, n, whole, proof) {
  if (m === n && whole) return ended(proof, [whole, whole]);
  const [rest, one] = last(proof);
  if (m === n) return ended(rest, [one, one]);
  const k = half(n);
  if (m <= k) {
    const [older, newer] = await subproof(m, k, whole, rest);
    return [older, await node(newer, one)];
  }
  const [older, newer] = await subproof(m - k, n - k, undefined, rest);
  return [await node(one, older), await node(one, newer)];
}

async function holds({ kind, index, size, from, to, proof: given, ...hashes }) {
  const proof = given.map(bytesOf);
  const [leaf, root, fromRoot, toRoot] = [hashes.leaf, hashes.root, hashes.fromRoot, hashes.toRoot].map((one) =>
    bytesOf(one ?? ''),
  );
  if (kind === 'inclusion') {
    return index >= 0 && index < size && leaf.length === 32 && equal(await path(index, size, leaf, proof), root);
  }
  if (from < 1 || from > to) return false;
  const [older, newer] = await subproof(from, to, fromRoot, proof);
  return equal(older, fromRoot) && equal(newer, toRoot);
}

const cases = JSON.parse(await readFile(process.argv[2], 'utf8'));
const verdicts = await Promise.all(cases.map((one) => holds(one).catch(() => false)));
process.stdout.write(JSON.stringify(verdicts));
