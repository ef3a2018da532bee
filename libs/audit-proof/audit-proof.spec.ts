import { generateKeyPairSync } from 'node:crypto';
import { canonicalJson } from '#libs/documents/canonical';
import { EMPTY_ROOT, Frontier, Hash, leafHash, nodeHash } from './merkle';
import { consistencyProof, inclusionProof, LeafRange, splitOf, verifyConsistency, verifyInclusion } from './proofs';
import { verifierKey } from './note-keys';
import { openCheckpoint, signCheckpoint } from './signed-note';
import { verifyLog } from './verify-log';

/** The leaves and roots that implementations of RFC 6962 publish as known answers. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The tree by its definition, to hold the fast one against. */
function treeHash(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0]!;
  const split = splitOf(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

const PAIRS_MAX = 512;

/** Hashes of ranges, each computed once. */
function remembered(leaves: readonly Hash[]) {
  const known = new Map<number, Hash>();
  const of = (start: number, end: number): Hash => {
    if (end - start === 1) return leaves[start]!;
    const name = start * 1_000 + end;
    const hash =
      known.get(name) ?? nodeHash(of(start, start + splitOf(end - start)), of(start + splitOf(end - start), end));
    known.set(name, hash);
    return hash;
  };
  return { of, at: ({ start, end }: LeafRange) => of(start, end) };
}

const hashes = (count: number): Hash[] => Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));

describe('the Merkle tree', () => {
  it('rule 10: has the known roots', () => {
    let frontier = Frontier.empty();
    expect(frontier.root().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    LEAVES.forEach((leaf, at) => {
      frontier = frontier.append(leafHash(Buffer.from(leaf, 'hex')));
      expect(frontier.root().toString('hex')).toBe(ROOTS[at]);
    });
  });

  it('appends to the same root as the definition gives', () => {
    let frontier = Frontier.empty();
    const leaves = hashes(100);
    leaves.forEach((leaf, at) => {
      frontier = frontier.append(leaf);
      expect(frontier.root()).toEqual(treeHash(leaves.slice(0, at + 1)));
    });
  });

  it(`rule 11: proves inclusion and consistency for all sizes up to ${PAIRS_MAX}`, () => {
    const range = remembered(hashes(PAIRS_MAX));
    let wrong = 0;
    for (let to = 1; to <= PAIRS_MAX; to += 1) {
      const root = range.of(0, to);
      for (let from = 1; from <= to; from += 1) {
        const consistency = consistencyProof(from, to).map(range.at);
        const inclusion = inclusionProof(from - 1, to).map(range.at);
        if (!verifyConsistency(from, to, range.of(0, from), root, consistency)) wrong += 1;
        if (!verifyInclusion(from - 1, to, range.of(from - 1, from), inclusion, root)) wrong += 1;
      }
    }
    expect(wrong).toBe(0);
  });

  it('rule 10: rejects every proof with any one bit changed, cut, prolonged or of another place', () => {
    const range = remembered(hashes(20));
    let accepted = 0;
    for (let to = 2; to <= 20; to += 1) {
      for (let from = 1; from < to; from += 1) {
        const root = range.of(0, to);
        const consistency = consistencyProof(from, to).map(range.at);
        const inclusion = inclusionProof(from, to).map(range.at);
        const leaf = range.of(from, from + 1);
        for (const changed of corrupted(consistency)) {
          if (verifyConsistency(from, to, range.of(0, from), root, changed)) accepted += 1;
        }
        for (const changed of corrupted(inclusion)) if (verifyInclusion(from, to, leaf, changed, root)) accepted += 1;
        if (verifyInclusion(from - 1, to, leaf, inclusion, root)) accepted += 1;
      }
    }
    expect(accepted).toBe(0);
    expect(verifyConsistency(0, 5, EMPTY_ROOT, range.of(0, 5), [])).toBe(false);
    expect(verifyInclusion(5, 5, range.of(4, 5), [], range.of(0, 5))).toBe(false);
  });
});

function* corrupted(proof: readonly Hash[]): Generator<Hash[]> {
  for (let at = 0; at < proof.length; at += 1) {
    for (let bit = 0; bit < 256; bit += 1) {
      const changed = Buffer.from(proof[at]!);
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      yield proof.map((hash, index) => (index === at ? changed : hash));
    }
  }
  if (proof.length > 0) yield proof.slice(0, -1);
  yield [...proof, EMPTY_ROOT];
}

describe('the log', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const stranger = generateKeyPairSync('ed25519');
  const name = 'chartly.local/audit';
  const key = verifierKey(name, publicKey);
  const leaves = Array.from({ length: 40 }, (_, at) => canonicalJson({ id: at, action: 'documents.apply' }));

  function head(of: readonly string[], signer = privateKey): string {
    const frontier = of.reduce((tree, leaf) => tree.append(leafHash(Buffer.from(leaf))), Frontier.empty());
    return signCheckpoint({ origin: name, size: of.length, root: frontier.root() }, name, signer);
  }

  const problem = async (given: readonly string[], note: string, ...earlier: string[]): Promise<string> => {
    const verdict = await verifyLog({ leaves: given, note, publicKey: key, earlier });
    return verdict.verified ? 'none' : verdict.problem;
  };

  it('verifies as it is, and against an earlier head', async () => {
    expect(await problem(leaves, head(leaves))).toBe('none');
    expect(await problem(leaves, head(leaves), head(leaves.slice(0, 13)))).toBe('none');
    expect(await problem(leaves, head(leaves), head([]), head(leaves.slice(0, 1)), head(leaves))).toBe('none');
    expect(await problem([], head([]))).toBe('none');
  });

  it('fault 20: finds an edit, a deletion, an insertion and a move', async () => {
    const edited = leaves.with(7, leaves[7]!.replace('7', '8'));
    const removed = leaves.toSpliced(7, 1);
    const added = leaves.toSpliced(7, 0, leaves[3]!);
    const moved = leaves.with(7, leaves[8]!).with(8, leaves[7]!);
    expect(await problem(edited, head(leaves))).toMatch(/not those/);
    expect(await problem(removed, head(leaves))).toMatch(/missing/);
    expect(await problem(added, head(leaves))).toMatch(/not those/);
    expect(await problem(moved, head(leaves))).toMatch(/not those/);
  });

  it('fault 20: finds a cut and a fork by an earlier head', async () => {
    const cut = leaves.slice(0, 30);
    const forked = leaves.with(3, leaves[4]!);
    expect(await problem(cut, head(cut), head(leaves))).toMatch(/was cut/);
    expect(await problem(forked, head(forked), head(leaves.slice(0, 20)))).toMatch(/not those that the earlier head/);
    expect(await problem(forked, head(forked), head(forked), head(leaves))).toMatch(/has forked/);
  });

  it('fault 20: finds a forged head', async () => {
    expect(await problem(leaves, head(leaves, stranger.privateKey))).toMatch(/not signed/);
    expect(await problem(leaves, head(leaves).replace('\n40\n', '\n39\n'))).toMatch(/not signed/);
  });

  it('finds every single bit that flips in the leaves', async () => {
    const few = leaves.slice(0, 3);
    const note = head(few);
    for (let at = 0; at < few.length; at += 1) {
      for (let bit = 0; bit < few[at]!.length * 8; bit += 1) {
        const bytes = Buffer.from(few[at]!);
        bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
        expect(await problem(few.with(at, bytes.toString('latin1')), note)).not.toBe('none');
      }
    }
  });

  it('reads a note only as the one that was signed', () => {
    const note = head(leaves);
    expect(openCheckpoint(note, key)).toMatchObject({ origin: name, size: 40 });
    expect(openCheckpoint(`${note}\n`, key)).toBeUndefined();
    expect(openCheckpoint(note, verifierKey('another', publicKey))).toBeUndefined();
    expect(openCheckpoint(note, verifierKey(name, stranger.publicKey))).toBeUndefined();
    expect(openCheckpoint('', key)).toBeUndefined();
  });
});
