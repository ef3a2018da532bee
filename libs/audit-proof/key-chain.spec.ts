import { generateKeyPairSync } from 'node:crypto';
import { canonicalJson } from '#libs/documents/canonical';
import { Handover } from './key-chain';
import { LogVerdict } from './log-verification';
import { Frontier, leafHash } from './merkle';
import { verifierKey } from './note-keys';
import { keyTarget, ROTATED_KEY, SEALED_ENTRIES, sealTarget } from './reserved-entries';
import { signCheckpoint } from './signed-note';
import { KeptLeaf, verifyLog } from './verify-log';

const ORIGIN = 'chartly.local/audit';

interface SigningKey {
  readonly privateKey: ReturnType<typeof generateKeyPairSync>['privateKey'];
  readonly key: string;
}

function aKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, key: verifierKey(ORIGIN, publicKey) };
}

const entry = (at: number): string => canonicalJson({ action: 'documents.apply', id: at });
const rotation = ({ key }: SigningKey): string => canonicalJson({ action: ROTATED_KEY, target: keyTarget(key) });
const sealing = (last: number): string => canonicalJson({ action: SEALED_ENTRIES, target: sealTarget(last) });
const entries = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => entry(from + at));

function head(leaves: readonly string[], by: SigningKey): string {
  const tree = leaves.reduce((grown, leaf) => grown.append(leafHash(Buffer.from(leaf))), Frontier.empty());
  return signCheckpoint({ origin: ORIGIN, size: leaves.length, root: tree.root() }, ORIGIN, by.privateKey);
}

const handover = (leaves: readonly string[], by: SigningKey): Handover => ({
  note: head(leaves, by),
  leaf: leaves.at(-1)!,
});

const problemOf = (verdict: LogVerdict): string => (verdict.verified ? 'none' : verdict.problem);

describe('a log whose key was changed', () => {
  const [first, second, third, stranger] = [aKey(), aKey(), aKey(), aKey()];
  const upToSecond = [...entries(0, 5), rotation(second)];
  const upToThird = [...upToSecond, ...entries(6, 300), rotation(third)];
  const leaves = [...upToThird, ...entries(400, 3)];
  const handovers = [handover(upToSecond, first), handover(upToThird, second)];
  const log = { leaves, note: head(leaves, third), publicKey: first.key, handovers };

  const problem = async (change: Partial<typeof log> & { earlier?: string[] } = {}): Promise<string> =>
    problemOf(await verifyLog({ ...log, ...change }));

  it('verifies from the first key on, and from each that it was handed over to', async () => {
    expect(await problem()).toBe('none');
    expect(await problem({ publicKey: second.key })).toBe('none');
    expect(await problem({ publicKey: third.key })).toBe('none');
    expect(await problem({ publicKey: stranger.key })).toMatch(/handover 1 .* not signed/);
  });

  it('holds heads that were kept to the key of their time', async () => {
    const kept = leaves.slice(0, 100);
    expect(await problem({ earlier: [head(kept, second), head(leaves.slice(0, 3), first)] })).toBe('none');
    expect(await problem({ earlier: [head(kept, first)] })).toMatch(/earlier head is not signed/);
    expect(await problem({ earlier: [head(kept, third)] })).toMatch(/earlier head is not signed/);
    expect(await problem({ earlier: [head(entries(0, 100), second)] })).toMatch(/not those that the earlier head/);
  });

  it('finds a key that nobody handed the log over to', async () => {
    const forged = [...upToSecond, ...entries(6, 300), rotation(stranger), ...entries(400, 3)];
    const beginning = forged.slice(0, 307);
    const by = (signer: SigningKey): Partial<typeof log> => ({
      leaves: forged,
      note: head(forged, stranger),
      handovers: [handovers[0]!, handover(beginning, signer)],
    });
    expect(await problem(by(second))).toBe('none');
    expect(await problem(by(stranger))).toMatch(/handover 2 .* not signed/);
    expect(await problem(by(first))).toMatch(/handover 2 .* not signed/);
    expect(await problem({ note: head(leaves, stranger) })).toMatch(/head is not signed/);
  });

  it('finds a handover that is no entry of the log, or is another one there', async () => {
    const others = [...entries(0, 5), rotation(stranger)];
    const renamed = { note: handovers[0]!.note, leaf: rotation(stranger) };
    expect(await problem({ handovers: [handover(others, first)], note: head(leaves, stranger) })).toMatch(/not/);
    expect(await problem({ handovers: [renamed], note: head(leaves, stranger) })).toMatch(/entry 5 is not the one/);
    expect(await problem({ handovers: [{ ...handovers[0]!, leaf: entry(1) }] })).toMatch(/names no key/);
    expect(await problem({ handovers: handovers.toReversed() })).toMatch(/handover 1 .* not signed/);
  });

  it('finds that a retired key goes on signing', async () => {
    expect(await problem({ note: head(leaves, second) })).toMatch(/head is not signed/);
    expect(await problem({ handovers: [], note: head(leaves, first) })).toMatch(/entry 5 hands the log over/);
    expect(await problem({ handovers: handovers.slice(0, 1), note: head(leaves, second) })).toMatch(/entry 306 hands/);
  });
});

describe('a log of which entries were sealed', () => {
  const signer = aKey();
  const dropped = entries(0, 512);
  const all = [...dropped, ...entries(512, 20), sealing(511), ...entries(533, 7)];
  const note = head(all, signer);
  const hashOf = (leaf: string): KeptLeaf => ({ hash: leafHash(Buffer.from(leaf)).toString('base64') });
  const sealed = (from: number, to: number, leaves = all): KeptLeaf[] =>
    leaves.map((leaf, at) => (at >= from && at < to ? hashOf(leaf) : leaf));
  const verdict = (leaves: KeptLeaf[], of = note): Promise<LogVerdict> =>
    verifyLog({ leaves, note: of, publicKey: signer.key });

  it('verifies by their hashes, and says how many there are', async () => {
    expect(await verdict(sealed(0, 512))).toMatchObject({ verified: true, size: 540, sealed: 512 });
    expect(await verdict(sealed(0, 256))).toMatchObject({ verified: true, sealed: 256 });
  });

  it('finds entries that were dropped in silence', async () => {
    expect(problemOf(await verdict(sealed(0, 513)))).toMatch(/up to 512 were dropped, and no entry/);
    const silent = entries(0, 540);
    expect(problemOf(await verdict(sealed(0, 1, silent), head(silent, signer)))).toMatch(/no entry/);
  });

  it('finds a hash that is not that of what was dropped', async () => {
    const wrong = sealed(0, 512).with(7, hashOf(entry(8)));
    expect(problemOf(await verdict(wrong))).toMatch(/not those that the head was signed over/);
    expect(problemOf(await verdict(sealed(0, 512).with(7, { hash: 'AA==' })))).toMatch(/neither a text nor a hash/);
  });
});
