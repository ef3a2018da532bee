import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { leafHash } from '#libs/audit-proof/merkle';
import { verifyInclusion } from '#libs/audit-proof/proofs';
import { KeptLeaf, verifyLog } from '#libs/audit-proof/verify-log';
import { verifyMirror } from '#libs/audit-mirror/verify-mirror';
import { anEntry, AuditUnderTest } from './audit.testing';

describe('what the audit log no longer has to keep', () => {
  let log: AuditUnderTest;

  beforeAll(async () => {
    log = await AuditUnderTest.start();
  });
  beforeEach(async () => {
    await log.forget();
    await rm(join(log.dataDir, 'objects'), { recursive: true, force: true });
  });
  afterAll(() => log.stop());

  type Parts = Awaited<ReturnType<AuditUnderTest['openParts']>>;
  const open = (env: NodeJS.ProcessEnv = {}): Promise<Parts> => log.openParts({ CHARTLY_AUDIT_RETAIN: '24h', ...env });
  const append = async ({ audit }: Parts, count: number): Promise<void> => {
    for (let at = 0; at < count; at += 100) {
      const entries = Array.from({ length: Math.min(100, count - at) }, (_, more) =>
        anEntry(at + more, { actor: { kind: 'user', id: 'ada', name: 'Ada' } }),
      );
      await audit.append({ entries });
    }
  };

  /** Makes all entries that are there as old as that. */
  async function age(days: number): Promise<void> {
    const owner = await new DataSource({ type: 'postgres', url: log.test.ownerUrl, extra: { max: 1 } }).initialize();
    await owner.query(`UPDATE audit.entries SET appended_at = appended_at - make_interval(days => $1)`, [days]);
    await owner.destroy();
  }

  async function downloaded({ audit }: Parts): Promise<KeptLeaf[]> {
    const { entries } = await audit.entries({ limit: 1_000 });
    const { hashes } = await audit.hashes({ from: 0, limit: entries[0]!.index || 1 });
    return [...hashes.slice(0, entries[0]!.index).map((hash) => ({ hash })), ...entries.map(({ leaf }) => leaf)];
  }

  async function verdict(parts: Parts, earlier: string[] = []) {
    const { note } = await parts.audit.checkpoint();
    return verifyLog({ leaves: await downloaded(parts), note, publicKey: parts.keys.first, earlier });
  }

  it('is sealed by whole tiles: gone from the tables, said by an entry, and every proof still holds', async () => {
    const parts = await open();
    await append(parts, 600);
    const [first] = (await parts.audit.entries({ limit: 1 })).entries;
    const { note: earlier } = await parts.audit.checkpoint();
    await age(2);
    await append(parts, 10);
    expect(await parts.retention.seal()).toBe(512);
    const { entries } = await parts.audit.entries({ limit: 1_000 });
    expect({ first: entries[0]!.index, last: entries.at(-1)!.index }).toEqual({ first: 512, last: 610 });
    expect(JSON.parse(entries.at(-1)!.leaf)).toMatchObject({ action: 'audit.seal', target: 'AuditEntries/0-511' });
    expect(await log.database.query('SELECT FROM audit.personal_data WHERE index < 512')).toEqual([]);
    expect(await verdict(parts, [earlier])).toMatchObject({ verified: true, size: 611, sealed: 512 });
    const { size, root } = await parts.audit.checkpoint();
    const { hashes } = await parts.audit.inclusion({ index: 0, size });
    const proof = hashes.map((hash) => Buffer.from(hash, 'base64'));
    expect(verifyInclusion(0, size, leafHash(Buffer.from(first!.leaf)), proof, Buffer.from(root, 'base64'))).toBe(true);
  });

  it('has its hashes by pages of any size, and proofs in trees that end amid what is sealed', async () => {
    const parts = await open();
    await append(parts, 300);
    const { size, root } = await parts.audit.checkpoint();
    const [first] = (await parts.audit.entries({ limit: 1 })).entries;
    await append(parts, 300);
    await age(2);
    const fresh = await open();
    expect(await fresh.retention.seal()).toBe(512);
    const { hashes } = await fresh.audit.hashes({ from: 0, limit: 100 });
    const { hashes: rest } = await fresh.audit.hashes({ from: 100, limit: 200 });
    expect([...hashes, ...rest]).toEqual((await fresh.audit.hashes({ from: 0, limit: 512 })).hashes.slice(0, 300));
    const proof = (await fresh.audit.inclusion({ index: 0, size })).hashes.map((hash) => Buffer.from(hash, 'base64'));
    expect(verifyInclusion(0, size, leafHash(Buffer.from(first!.leaf)), proof, Buffer.from(root, 'base64'))).toBe(true);
  });

  it('is not sealed again, nor without need, and goes on from where it was', async () => {
    const parts = await open();
    await append(parts, 300);
    expect(await parts.retention.seal()).toBe(0);
    await age(2);
    expect(await parts.retention.seal()).toBe(256);
    expect(await parts.retention.seal()).toBe(256);
    const again = await open();
    await append(again, 300);
    await age(2);
    expect(await again.retention.seal()).toBe(512);
    expect(await verdict(again)).toMatchObject({ verified: true, sealed: 512 });
    expect((await again.audit.entries({ action: 'audit.seal' })).entries).toHaveLength(1); // the first is sealed itself
  });

  it.each([
    ['mirror', 0],
    ['drop', 512],
  ] as const)('stays in the mirror or leaves it, by choice: %s', async (choice, sealed) => {
    const parts = await open({ CHARTLY_AUDIT_SEALED: choice });
    await append(parts, 600);
    await age(2);
    await parts.retention.seal();
    if (choice === 'mirror') await parts.mirror.catchUp(); // who drops has seen to it
    const files = join(log.dataDir, 'objects', 'audit');
    const read = await verifyMirror(files, { publicKey: parts.keys.first });
    expect(read).toMatchObject({ verified: true, size: 601, sealed });
  });

  it('keeps the place of each, so that an entry that comes again is not logged twice', async () => {
    const parts = await open();
    const entry = anEntry(0);
    expect(await parts.audit.append({ entries: [entry] })).toEqual({ indexes: [0] });
    await append(parts, 300);
    await age(2);
    expect(await parts.retention.seal()).toBe(256);
    const { size } = await parts.audit.checkpoint();
    expect(size).toBe(302);
    expect(await parts.audit.append({ entries: [entry, anEntry(1)] })).toEqual({ indexes: [0, 302] });
    expect(await parts.audit.checkpoint()).toMatchObject({ size: 303, sealed: 256 });
  });

  it('stays when the mirror is of another log: of the one before a backup was put back', async () => {
    const before = await open({ CHARTLY_AUDIT_SEALED: 'drop' });
    await append(before, 600);
    await before.mirror.catchUp();
    const { note } = await before.audit.checkpoint();
    await log.forget();
    const parts = await open({ CHARTLY_AUDIT_SEALED: 'drop' });
    await append(parts, 400);
    await age(2);
    const refused = { code: 'audit.mirror_forked', status: 409 };
    await expect(parts.retention.seal()).rejects.toMatchObject(refused);
    await append(parts, 400); // longer than the mirror
    await expect(parts.retention.seal()).rejects.toMatchObject(refused);
    expect(await verdict(parts)).toMatchObject({ verified: true, size: 800, sealed: 0 });
    expect((await parts.objects.read('audit/checkpoint', { maxBytes: 10_000 })).toString()).toBe(note);
    const files = join(log.dataDir, 'objects', 'audit');
    await rename(files, join(log.dataDir, 'audit-before'));
    expect(await parts.retention.seal()).toBe(256);
    expect(await verifyMirror(files, { publicKey: parts.keys.first })).toMatchObject({ verified: true, sealed: 256 });
    expect(await verifyMirror(join(log.dataDir, 'audit-before'), { publicKey: parts.keys.first })).toMatchObject({
      verified: true,
      size: 600,
    });
  });

  it('waits until it was sent on', async () => {
    const parts = await open({ CHARTLY_AUDIT_FORWARD: 'https://siem.example/hook' });
    await append(parts, 600);
    await age(2);
    expect(await parts.retention.seal()).toBe(0);
    await log.database.query(
      `INSERT INTO audit.forwarded (destination, next) VALUES ('https://siem.example/hook', 300)`,
    );
    expect(await parts.retention.seal()).toBe(256);
  });

  it('rule 12: cannot be dropped by the role of the services unless an entry says so', async () => {
    const parts = await open();
    await append(parts, 600);
    const refused = /an entry of the log says so/;
    await expect(log.database.query('SELECT audit.drop_sealed(256)')).rejects.toThrow(refused);
    await log.database.query('INSERT INTO audit.seals (entries, index) VALUES (256, 300), (100, 300)');
    await expect(log.database.query('SELECT audit.drop_sealed(256)')).rejects.toThrow(refused);
    await expect(log.database.query('SELECT audit.drop_sealed(100)')).rejects.toThrow(refused);
    for (const change of [
      'DELETE FROM audit.seals',
      'DELETE FROM audit.sealed_entries',
      'INSERT INTO audit.sealed_entries (entry_id, index) VALUES (gen_random_uuid(), 0)',
    ]) {
      await expect(log.database.query(change)).rejects.toThrow(/permission denied/);
    }
    expect(await verdict(parts)).toMatchObject({ verified: true, sealed: 0 });
  });
});
