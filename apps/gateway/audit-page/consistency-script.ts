/** Consistency of two heads (RFC 6962 §2.1.2) from the tiles of a log (C2SP tlog-tiles): what the page of the live log adds. */
export const CONSISTENCY_SCRIPT = String.raw`
  const WIDTH = 256;
  const halfOf = (count) => 2 ** Math.floor(Math.log2(count - 1));
  async function nodeOf(left, right) {
    if (left.length !== 32 || right.length !== 32) throw new Error('a hash has 32 bytes');
    return sha256([1], left, right);
  }

  /* The hash over the leaves [start, end) of a tree of so many; tileOf gives the hashes of a tile. */
  async function hashOver(start, end, size, tileOf) {
    const count = end - start;
    const height = Math.round(Math.log2(count));
    if (2 ** height !== count) {
      const middle = start + halfOf(count);
      return nodeOf(await hashOver(start, middle, size, tileOf), await hashOver(middle, end, size, tileOf));
    }
    const level = Math.floor(height / 8);
    const first = start / WIDTH ** level;
    const index = Math.floor(first / WIDTH);
    const width = Math.min(WIDTH, Math.floor(size / WIDTH ** level) - index * WIDTH);
    const hashes = await tileOf(level, index, width);
    return rootOf(hashes.slice(first - index * WIDTH, first - index * WIDTH + 2 ** (height % 8)));
  }

  /* The root over [start, end) when the last of these leaves has this hash: tiles of others' making lead to another root. */
  async function rootEndingWith(last, start, end, size, tileOf) {
    if (end - start === 1) return last;
    const middle = start + halfOf(end - start);
    return nodeOf(await hashOver(start, middle, size, tileOf), await rootEndingWith(last, middle, end, size, tileOf));
  }

  async function consistencyProof(from, size, tileOf) {
    const hash = (start, end) => hashOver(start, end, size, tileOf);
    const sub = async (start, end, isWhole) => {
      if (from === end) return isWhole ? [] : [await hash(start, end)];
      const middle = start + halfOf(end - start);
      return from <= middle
        ? [...(await sub(start, middle, isWhole)), await hash(middle, end)]
        : [...(await sub(middle, end, false)), await hash(start, middle)];
    };
    return sub(0, size, true);
  }

  /* The two roots to which a proof leads from the older one. */
  async function rootsBy(from, count, older, proof) {
    if (from === count && older) {
      if (proof.length > 0) throw new Error('the proof is too long');
      return [older, older];
    }
    if (proof.length === 0) throw new Error('the proof is too short');
    const [rest, last] = [proof.slice(0, -1), proof.at(-1)];
    if (from === count) {
      if (rest.length > 0) throw new Error('the proof is too long');
      return [last, last];
    }
    const middle = halfOf(count);
    if (from <= middle) {
      const [before, after] = await rootsBy(from, middle, older, rest);
      return [before, await nodeOf(after, last)];
    }
    const [before, after] = await rootsBy(from - middle, count - middle, undefined, rest);
    return [await nodeOf(last, before), await nodeOf(last, after)];
  }

  async function isConsistent({ from, to, fromRoot, toRoot, proof }) {
    if (!(from >= 1 && from <= to)) return false;
    try {
      const [before, after] = await rootsBy(from, to, bytesOf(fromRoot), proof.map(bytesOf));
      return base64Of(before) === fromRoot && base64Of(after) === toRoot;
    } catch {
      return false;
    }
  }
`;
