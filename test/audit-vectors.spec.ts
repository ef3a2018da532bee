import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cosignedAt } from '#libs/audit-proof/cosignature';
import { leafHash } from '#libs/audit-proof/merkle';
import { readVerifier, signaturesBy, splitNote, verifierKey } from '#libs/audit-proof/note-keys';
import { verifyConsistency, verifyInclusion } from '#libs/audit-proof/proofs';
import { addSignature, openCheckpoint } from '#libs/audit-proof/signed-note';
import { TileEdge } from '#libs/audit-proof/tile-edge';
import { bundlePath, readPlace, tilePath, TILE_WIDTH, widthOf } from '#libs/audit-proof/tiles';
import { ROOT } from './support/paths';
import { CONSISTENCY_CASES, ConsistencyCase, INCLUSION_CASES, InclusionCase, PUBLISHED } from './vectors/rfc6962';
import { BROKEN_KEYS, CHECKPOINTS, ENOCH, EXAMPLE, PETER } from './vectors/signed-notes';

const PROOF_VERIFIER = join(ROOT, 'test', 'support', 'independent-proofs.mjs');

type ProofCase = InclusionCase | ConsistencyCase;
const CASES: readonly ProofCase[] = [...INCLUSION_CASES, ...CONSISTENCY_CASES];

function ours(given: ProofCase): boolean {
  if (given.kind === 'inclusion') {
    return verifyInclusion(given.index, given.size, given.leaf, given.proof, given.root);
  }
  return verifyConsistency(given.from, given.to, given.fromRoot, given.toRoot, given.proof);
}

const asBase64 = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
    ? Buffer.from(value.data as number[]).toString('base64') // as Buffer writes itself
    : value;

/** The published form of a case. */
function published(given: ProofCase): unknown {
  const { what: desc, proof, holds } = given;
  const said =
    given.kind === 'inclusion'
      ? { leafIdx: given.index, treeSize: given.size, root: given.root, leafHash: given.leaf }
      : { size1: given.from, size2: given.to, root1: given.fromRoot, root2: given.toRoot };
  const text = JSON.stringify({ ...said, proof: proof.length > 0 ? proof : null, desc, wantErr: !holds }, asBase64);
  return JSON.parse(text);
}

describe('rule 10: the published proofs of RFC 6962', () => {
  it('are 98 of inclusion and 98 of consistency, and say what the published files say', () => {
    expect([INCLUSION_CASES.length, CONSISTENCY_CASES.length]).toEqual([98, 98]);
    const all = CASES.map(published);
    for (const file of PUBLISHED) expect(all).toContainEqual(JSON.parse(file));
  });

  it.each(CASES.map((given) => ({ title: titleOf(given), given })))('$title', ({ given }) => {
    expect(ours(given)).toBe(given.holds);
  });

  it('are judged alike by a verifier that shares nothing with ours', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartly-vectors-'));
    const file = join(folder, 'cases.json');
    try {
      await writeFile(file, JSON.stringify(CASES, asBase64));
      const { stdout } = await promisify(execFile)(process.execPath, [PROOF_VERIFIER, file]);
      expect(JSON.parse(stdout)).toEqual(CASES.map(({ holds }) => holds));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function titleOf(given: ProofCase): string {
  const of = given.kind === 'inclusion' ? `${given.index} in ${given.size}` : `${given.from} in ${given.to}`;
  return `${given.holds ? 'believes' : 'refuses'} ${given.kind}, ${given.what}: ${of}`;
}

describe('the published signed notes', () => {
  it.each([EXAMPLE, PETER, ENOCH])('reads the signature of $key', ({ key, text, line }) => {
    const by = readVerifier(key, 'note')!;
    expect(verifierKey(by.name, by.key)).toBe(key);
    const [signature] = signaturesBy(by, splitNote(`${text}\n${line}`)!);
    expect(verify(null, Buffer.from(text), by.key, signature!)).toBe(true);
    expect(verify(null, Buffer.from(text.replace('i', 'j')), by.key, signature!)).toBe(false);
  });

  it('signs as they were signed, one after the other', () => {
    const signed = [PETER, ENOCH].reduce((note, { key, seed }) => {
      const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed!, 'hex')]);
      const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
      const [name = ''] = key.split('+');
      expect(verifierKey(name, createPublicKey(privateKey))).toBe(key);
      return addSignature(note, name, privateKey);
    }, `${PETER.text}\n`);
    expect(signed).toBe(`${PETER.text}\n${PETER.line}${ENOCH.line}`);
  });

  it.each([...BROKEN_KEYS])('takes no broken key: %s', (key) => {
    expect(readVerifier(key, 'note')).toBeUndefined();
    expect(readVerifier(key, 'cosignature')).toBeUndefined();
  });
});

describe.each([...CHECKPOINTS])(
  'a head of $size entries that a public log gave out',
  ({ note, size, log, witnesses, at }) => {
    it('is cosigned by the public witnesses whose lines stand under it', () => {
      expect(witnesses.map((witness) => cosignedAt(note, witness))).toEqual(witnesses.map(() => at));
    });

    it('is cosigned by none of them with another size', () => {
      const other = note.replace(`\n${size}\n`, `\n${size + 1}\n`);
      expect(witnesses.map((witness) => cosignedAt(other, witness))).toEqual(witnesses.map(() => undefined));
    });

    it('is believed by the key of its log, where that signs the text itself', () => {
      if (log === undefined) return;
      expect(openCheckpoint(note, log)).toMatchObject({ size });
      expect(openCheckpoint(note.replace(`\n${size}\n`, `\n${size + 1}\n`), log)).toBeUndefined();
    });
  },
);

describe('the examples of tlog-tiles', () => {
  it('places tile 1234067 as it does', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: TILE_WIDTH })).toBe('tile/0/x001/x234/067');
    expect(bundlePath({ index: 1_234_067, width: 12 })).toBe('tile/entries/x001/x234/067.p/12');
    expect(readPlace('x001/x234/067.p/12')).toEqual({ index: 1_234_067, width: 12 });
  });

  it.each([
    { size: 70_000, widths: [[256, 112], [256, 17], [1]] }, // prettier-ignore
    { size: 256, widths: [[256], [1]] },
  ])('has the tiles of a tree of $size', ({ size, widths }) => {
    const found = widths.map((_, level) => {
      const last = Math.floor((size - 1) / TILE_WIDTH ** (level + 1));
      return [...new Set([widthOf(level, 0, size), widthOf(level, last, size)])].filter((width) => width > 0);
    });
    expect(found).toEqual(widths);
    expect(widthOf(widths.length, 0, size)).toBe(0);
  });

  it('holds 273 full and one partial tile of the leaves of a tree of 70,000', () => {
    const edge = TileEdge.of(0, []);
    const leaf = leafHash(Buffer.from('leaf'));
    const full = Array.from({ length: 70_000 }, () => edge.append(leaf)).flat();
    expect([0, 1, 2].map((level) => full.filter((tile) => tile.level === level).length)).toEqual([273, 1, 0]);
  });
});
