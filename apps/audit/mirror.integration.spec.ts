import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { leafHash } from '#libs/audit-proof/merkle';
import { inclusionProof, LeafRange, verifyInclusion } from '#libs/audit-proof/proofs';
import { openCheckpoint } from '#libs/audit-proof/signed-note';
import { bundlePath, hashesFromTiles, readBundle, tilePath, TileRef, TileTree, widthOf } from '#libs/audit-proof/tiles';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { ObjectStore } from '#libs/objects/object-store';
import { anEntry, AuditUnderTest } from './audit.testing';

const MIB = 2 ** 20;

/** A reader that has the files alone, and the key from elsewhere. */
async function readMirror(objects: ObjectStore, publicKey: string) {
  const file = (path: string): Promise<Buffer> => objects.read(`audit/${path}`, { maxBytes: MIB });
  const note = (await file('checkpoint')).toString();
  const checkpoint = openCheckpoint(note, publicKey)!;
  const leaves: Buffer[] = [];
  for (let index = 0; widthOf(0, index, checkpoint.size) > 0; index += 1) {
    leaves.push(...readBundle(await file(bundlePath({ index, width: widthOf(0, index, checkpoint.size) }))));
  }
  const read = (tiles: readonly TileRef[]) =>
    Promise.all(tiles.map(async (tile) => new TileTree(await file(tilePath(tile)))));
  const hashes = (ranges: readonly LeafRange[]) => hashesFromTiles(checkpoint.size, ranges, read);
  return { note, checkpoint, leaves, hashes };
}

describe('the audit log as static files', () => {
  let log: AuditUnderTest;

  beforeAll(async () => {
    log = await AuditUnderTest.start();
  });
  afterAll(() => log.stop());

  const appended = async (audit: Awaited<ReturnType<AuditUnderTest['open']>>, count: number): Promise<void> => {
    for (let at = 0; at < count; at += 250) {
      const entries = Array.from({ length: Math.min(250, count - at) }, (_, more) => anEntry(at + more));
      await audit.append({ entries });
    }
  };

  it.each([1, 254, 1, 1, 600])('verifies from the files alone, with %i entries more', async (count) => {
    const { audit, mirror, objects, keys } = await log.openParts();
    await appended(audit, count);
    const { size } = await audit.checkpoint();
    expect(await mirror.catchUp()).toBe(size);
    const { note, checkpoint, leaves, hashes } = await readMirror(objects, keys.first);
    expect(await verifyLog({ leaves, note, publicKey: keys.first })).toMatchObject({ verified: true, size });
    for (const index of [0, size - 1]) {
      const proof = await hashes(inclusionProof(index, size));
      expect(verifyInclusion(index, size, leafHash(leaves[index]!), proof, checkpoint.root)).toBe(true);
    }
  });

  it('keeps no partial tile once the full one is there', async () => {
    const { objects } = await log.openParts();
    const keys: string[] = [];
    for await (const { key } of objects.all('audit/tile/')) keys.push(key);
    const full = keys.filter((key) => !key.includes('.p/'));
    expect(full).toEqual(expect.arrayContaining(['audit/tile/0/000', 'audit/tile/0/002', 'audit/tile/entries/002']));
    for (const key of full) expect(keys.filter((other) => other.startsWith(`${key}.p/`))).toEqual([]);
  });

  it('writes nothing when nothing was appended, and goes on where another process stopped', async () => {
    const first = await log.openParts();
    const before = await first.objects.head('audit/checkpoint');
    const size = await first.mirror.catchUp();
    expect(await first.objects.head('audit/checkpoint')).toEqual(before);
    await appended(first.audit, 3);
    const second = await log.openParts();
    expect(await second.mirror.catchUp()).toBe(size + 3);
  });

  it('mirrors a long log in steps, each of which can be verified', async () => {
    const { audit, mirror, objects, keys } = await log.openParts();
    for (let round = 0; round < 70; round += 1) {
      await audit.append({ entries: Array.from({ length: 500 }, (_, at) => anEntry(at)) });
    }
    const { size } = await audit.checkpoint();
    expect(await mirror.catchUp()).toBe(size);
    const { note, leaves } = await readMirror(objects, keys.first);
    expect(leaves).toHaveLength(size);
    expect(await verifyLog({ leaves, note, publicKey: keys.first, form: 'bytes' })).toMatchObject({ size });
  });

  it('lies in the folder as any web server can give it', async () => {
    const { objects } = await log.openParts();
    expect(await objects.head('audit/checkpoint')).toMatchObject({ key: 'audit/checkpoint' });
    expect(await readdir(join(log.dataDir, 'objects', 'audit'))).toEqual(
      expect.arrayContaining(['checkpoint', 'tile']),
    );
  });
});
