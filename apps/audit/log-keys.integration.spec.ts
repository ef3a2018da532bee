import { generateKeyPairSync } from 'node:crypto';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { Checkpoint } from '#libs/contracts/audit.contract';
import { verifyMirror } from '#libs/audit-mirror/verify-mirror';
import { join } from 'node:path';
import { anEntry, AuditUnderTest } from './audit.testing';

const aKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');

describe('changing the key of the audit log', () => {
  let log: AuditUnderTest;

  beforeEach(async () => {
    log = await AuditUnderTest.start();
  });
  afterEach(() => log.stop());

  type Parts = Awaited<ReturnType<AuditUnderTest['openParts']>>;
  const append = ({ audit }: Parts, count: number): Promise<unknown> =>
    audit.append({ entries: Array.from({ length: count }, (_, at) => anEntry(at)) });

  async function verdict({ audit }: Parts, publicKey: string, earlier: Checkpoint[] = []) {
    const leaves = await log.leaves(audit);
    const { note, handovers } = await audit.checkpoint();
    return verifyLog({ leaves, note, handovers, publicKey, earlier: earlier.map((head) => head.note) });
  }

  it('is an entry under a head of the key before, and is followed from the first key on', async () => {
    const parts = await log.openParts();
    const { audit, keys } = parts;
    await append(parts, 300);
    const before = await audit.checkpoint();
    const first = await audit.rotateKey();
    expect(first.index).toBe(300);
    const atHandover = await audit.checkpoint();
    expect(await verdict(parts, keys.first, [before])).toMatchObject({ verified: true, size: 301 });
    expect(await verdict(parts, first.key)).toMatchObject({ verified: true });
    await append(parts, 3);
    const second = await audit.rotateKey();
    await append(parts, 3);
    const { publicKey, handovers } = await audit.checkpoint();
    expect({ publicKey, handovers: handovers.length }).toEqual({ publicKey: second.key, handovers: 2 });
    for (const trusted of [keys.first, first.key, second.key]) {
      expect(await verdict(parts, trusted, [atHandover].slice(trusted === second.key ? 1 : 0))).toMatchObject({
        verified: true,
        size: 308,
      });
    }
    expect((await audit.entries({ action: 'audit.rotate_key' })).entries.map(({ index }) => index)).toEqual([300, 304]);
  });

  it('goes on over a restart, with the keys in the data folder', async () => {
    const parts = await log.openParts();
    await append(parts, 1);
    const { key } = await parts.audit.rotateKey();
    const again = await log.openParts();
    await append(again, 1);
    expect((await again.audit.checkpoint()).publicKey).toBe(key);
    expect(await verdict(again, parts.keys.first)).toMatchObject({ verified: true, size: 3 });
  });

  it('goes over to the configured next key, which may then stand alone; without it nothing is signed', async () => {
    const [one, two, three] = [aKey(), aKey(), aKey()];
    const alone = await log.openParts({ CHARTLY_AUDIT_KEY: one });
    await append(alone, 1);
    await expect(alone.audit.rotateKey()).rejects.toMatchObject({ code: 'audit.no_next_key', status: 409 });
    const both = await log.openParts({ CHARTLY_AUDIT_KEY: one, CHARTLY_AUDIT_NEXT_KEY: two });
    await both.audit.rotateKey();
    await expect(both.audit.rotateKey()).rejects.toMatchObject({ code: 'audit.no_next_key' });
    await append(both, 1);
    const later = await log.openParts({ CHARTLY_AUDIT_KEY: two });
    await append(later, 1);
    expect(await verdict(later, alone.keys.first)).toMatchObject({ verified: true, size: 4 });
    const lost = await log.openParts({ CHARTLY_AUDIT_KEY: three });
    await expect(append(lost, 1)).rejects.toMatchObject({ code: 'audit.key_missing', status: 503 });
    expect((await later.audit.checkpoint()).size).toBe(4);
  });

  it('is mirrored, so that the static files verify from the first key on', async () => {
    const parts = await log.openParts();
    await append(parts, 300);
    await parts.mirror.catchUp();
    const { key } = await parts.audit.rotateKey();
    await parts.mirror.catchUp();
    const files = join(log.dataDir, 'objects', 'audit');
    expect(await verifyMirror(files, { publicKey: parts.keys.first })).toMatchObject({ size: 301 });
    await append(parts, 1);
    const again = await log.openParts();
    expect(await again.mirror.catchUp()).toBe(302);
    for (const publicKey of [parts.keys.first, key]) {
      expect(await verifyMirror(files, { publicKey })).toMatchObject({ verified: true, size: 302 });
    }
  });

  it('is what nobody else can append', async () => {
    const { audit } = await log.openParts();
    for (const action of ['audit.rotate_key', 'audit.seal']) {
      await expect(audit.append({ entries: [anEntry(1), anEntry(2, { action })] })).rejects.toMatchObject({
        code: 'audit.reserved',
        status: 400,
      });
    }
    expect((await audit.checkpoint()).size).toBe(0);
  });
});
