import { generateKeyPairSync } from 'node:crypto';
import { cosign, cosignedAt } from './cosignature';
import { Frontier, Hash, leafHash, nodeHash } from './merkle';
import { verifierKey } from './note-keys';
import { consistencyProof, splitOf } from './proofs';
import { signCheckpoint } from './signed-note';
import { judgeCheckpoint, readWitnessRequest, SeenCheckpoint, WitnessRequest, writeWitnessRequest } from './witness';

const ORIGIN = 'example.com/log';
const log = generateKeyPairSync('ed25519');
const witness = generateKeyPairSync('ed25519');
const logKey = verifierKey(ORIGIN, log.publicKey);
const witnessKey = verifierKey('example.com/witness', witness.publicKey, 'cosignature');

const leaves = (count: number, of = 'leaf'): Hash[] =>
  Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`${of} ${at}`)));
const rootOf = (hashes: readonly Hash[]): Hash =>
  hashes.reduce((tree, hash) => tree.append(hash), Frontier.empty()).root();
const noteOf = (hashes: readonly Hash[]): string =>
  signCheckpoint({ origin: ORIGIN, size: hashes.length, root: rootOf(hashes) }, ORIGIN, log.privateKey);

function rangeHash(hashes: readonly Hash[], start: number, end: number): Hash {
  if (end - start === 1) return hashes[start]!;
  const split = start + splitOf(end - start);
  return nodeHash(rangeHash(hashes, start, split), rangeHash(hashes, split, end));
}
const proofOf = (from: number, hashes: readonly Hash[]): Hash[] =>
  consistencyProof(from, hashes.length).map(({ start, end }) => rangeHash(hashes, start, end));

const judge = (request: WitnessRequest, seen?: SeenCheckpoint) =>
  judgeCheckpoint(
    request,
    (origin) => (origin === ORIGIN ? [logKey] : []),
    () => seen,
  );
const seenOf = (hashes: readonly Hash[]): SeenCheckpoint => ({
  size: hashes.length,
  root: rootOf(hashes).toString('base64'),
});

describe('a witness', () => {
  it('cosigns the first checkpoint that it sees, and each that goes on from the last', async () => {
    expect(judge({ oldSize: 0, proof: [], note: noteOf(leaves(5)) })).toMatchObject({ kind: 'accepted' });
    for (const [from, to] of [
      [1, 2],
      [5, 9],
      [8, 8],
      [7, 300],
    ] as const) {
      const proof = from === to ? [] : proofOf(from, leaves(to));
      const verdict = judge({ oldSize: from, proof, note: noteOf(leaves(to)) }, seenOf(leaves(from)));
      expect(verdict).toMatchObject({ kind: 'accepted', checkpoint: { size: to } });
    }
  });

  it('rule 14: does not cosign a log that went back', () => {
    const back = judge({ oldSize: 5, proof: [], note: noteOf(leaves(5)) }, seenOf(leaves(9)));
    expect(back).toEqual({ kind: 'conflict', size: 9, reason: 'this witness has seen 9 entries' });
    expect(judge({ oldSize: 9, proof: [], note: noteOf(leaves(5)) }, seenOf(leaves(9)))).toMatchObject({ status: 400 });
  });

  it('rule 14: does not cosign a log that forked, at the same size or beyond', async () => {
    const other = leaves(9, 'other');
    expect(judge({ oldSize: 9, proof: [], note: noteOf(other) }, seenOf(leaves(9)))).toMatchObject({
      kind: 'conflict',
      reason: expect.stringContaining('another log') as string,
    });
    const longer = [...other, ...leaves(3, 'more')];
    const proof = proofOf(9, longer);
    expect(judge({ oldSize: 9, proof, note: noteOf(longer) }, seenOf(leaves(9)))).toMatchObject({ status: 422 });
  });

  it('knows a log by any of its keys, where it was handed over to another', () => {
    const later = generateKeyPairSync('ed25519');
    const hashes = leaves(5);
    const note = signCheckpoint({ origin: ORIGIN, size: 5, root: rootOf(hashes) }, ORIGIN, later.privateKey);
    const request = { oldSize: 0, proof: [], note };
    const by = (...keys: string[]): string =>
      judgeCheckpoint(
        request,
        () => keys,
        () => undefined,
      ).kind;
    expect(by(logKey)).toBe('refused');
    expect(by(logKey, verifierKey(ORIGIN, later.publicKey))).toBe('accepted');
  });

  it('knows no other log, and no signature but the log’s', () => {
    const strange = signCheckpoint({ origin: 'else', size: 1, root: rootOf(leaves(1)) }, 'else', log.privateKey);
    expect(judge({ oldSize: 0, proof: [], note: strange })).toMatchObject({ status: 404 });
    const forged = signCheckpoint({ origin: ORIGIN, size: 1, root: rootOf(leaves(1)) }, ORIGIN, witness.privateKey);
    expect(judge({ oldSize: 0, proof: [], note: forged })).toMatchObject({ status: 403 });
  });

  it('reads the request that it is sent, and no other text', async () => {
    const request = { oldSize: 5, proof: proofOf(5, leaves(9)), note: noteOf(leaves(9)) };
    const text = writeWitnessRequest(request);
    expect(readWitnessRequest(text)).toEqual(request);
    expect(readWitnessRequest(writeWitnessRequest({ ...request, proof: [] }))).toEqual({ ...request, proof: [] });
    for (const wrong of ['', 'old\n\n', text.replace('old 5', 'old -5'), text.replace('old 5', 'old 05')]) {
      expect(readWitnessRequest(wrong)).toBeUndefined();
    }
    expect(readWitnessRequest(text.replace('\n', '\nnot base64\n'))).toBeUndefined();
    expect(readWitnessRequest(`old 0\n${`${leaves(1)[0]!.toString('base64')}\n`.repeat(64)}\nnote`)).toBeUndefined();
  });

  it('says when it cosigned, and nobody else can say it for them', () => {
    const note = noteOf(leaves(9));
    const line = cosign(note, 1_767_225_600, 'example.com/witness', witness.privateKey);
    expect(cosignedAt(note + line, witnessKey)).toBe(1_767_225_600);
    expect(cosignedAt(note, witnessKey)).toBeUndefined();
    expect(cosignedAt(noteOf(leaves(8)) + line, witnessKey)).toBeUndefined();
    const forged = cosign(note, 1_767_225_600, 'example.com/witness', log.privateKey);
    expect(cosignedAt(note + forged, witnessKey)).toBeUndefined();
    expect(cosignedAt(note + line, logKey)).toBeUndefined();
    const bytes = Buffer.from(line.split(' ')[2]!, 'base64');
    bytes[11]! ^= 1; // another time
    expect(cosignedAt(`${note}— example.com/witness ${bytes.toString('base64')}\n`, witnessKey)).toBeUndefined();
  });
});
