import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Frontier, leafHash, nodeHash } from '#libs/audit-proof/merkle';
import { verifyConsistency, verifyInclusion } from '#libs/audit-proof/proofs';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { migrate, roleOf } from '#libs/database/migrations';
import { canonicalJson } from '#libs/documents/canonical';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { auditMigrations } from './audit.migrations';
import { AuditService } from './audit.service';
import { Log } from './log';
import { SigningKey } from './signing-key';
import { Tiles } from './tiles';

const ids = new Ids();
const entry = (at: number): AuditEntry => ({
  id: ids.uuidv7(),
  time: '2026-01-01T00:00:00.000Z',
  actor: { kind: 'local', id: 'local', name: 'local' },
  action: 'documents.update',
  target: `Pipeline/default/p${at}`,
  outcome: 'succeeded',
});

describe('the audit log on Postgres', () => {
  let test: TestDatabase;
  let dataDir: string;

  async function open(): Promise<AuditService> {
    const key = new SigningKey(loadConfig({ CHARTLY_DATA_DIR: dataDir }));
    await key.onModuleInit();
    return new AuditService(new Log(test.dataSource, new Tiles(test.dataSource), key), key);
  }

  async function leavesOf(audit: AuditService): Promise<string[]> {
    const leaves: string[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const page = await audit.entries({ from, limit: 37 });
      leaves.push(...page.entries.map(({ leaf }) => leaf));
      from = page.next;
    }
    return leaves;
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chartly-audit-'));
    test = await openTestDatabase([auditMigrations]);
  });
  afterAll(async () => {
    await test.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('takes an entry once, however often it is sent, alone or beside itself', async () => {
    const audit = await open();
    const [a, b] = [entry(1), entry(2)];
    const first = await audit.append({ entries: [a, b, a] });
    expect(first.indexes).toEqual([0, 1, 0]);
    expect((await audit.append({ entries: [b, entry(3)] })).indexes).toEqual([1, 2]);
    expect((await audit.checkpoint()).size).toBe(3);
  });

  it('makes one dense log of what two writers append at once, and goes on after a restart', async () => {
    const writers = await Promise.all([open(), open()]);
    await Promise.all(
      Array.from({ length: 30 }, (_, at) => writers[at % 2]!.append({ entries: [entry(at), entry(at + 100)] })),
    );
    const audit = await open();
    const head = await audit.checkpoint();
    expect(head.size).toBe(63);
    const leaves = await leavesOf(audit);
    expect(leaves).toHaveLength(63);
    expect(await verifyLog({ leaves, note: head.note, publicKey: head.publicKey })).toMatchObject({
      verified: true,
      size: 63,
    });
  });

  it('proves inclusion and consistency of what it holds', async () => {
    const audit = await open();
    const { size, root } = await audit.checkpoint();
    const leaves = await leavesOf(audit);
    const bytes = (hashes: readonly string[]): Buffer[] => hashes.map((hash) => Buffer.from(hash, 'base64'));
    for (let index = 0; index < size; index += 1) {
      const { hashes } = await audit.inclusion({ index, size });
      const leaf = leafHash(Buffer.from(leaves[index]!));
      expect(verifyInclusion(index, size, leaf, bytes(hashes), Buffer.from(root, 'base64'))).toBe(true);
    }
    const [earlier] = await test.dataSource.query<{ size: string; root: Buffer }[]>(
      'SELECT size, root FROM audit.checkpoints ORDER BY size OFFSET 5 LIMIT 1',
    );
    const { hashes } = await audit.consistency({ from: Number(earlier!.size), to: size });
    expect(
      verifyConsistency(Number(earlier!.size), size, earlier!.root, Buffer.from(root, 'base64'), bytes(hashes)),
    ).toBe(true);
    await expect(audit.inclusion({ index: size, size })).rejects.toThrow(/has none/);
    await expect(audit.consistency({ from: 1, to: size + 1 })).rejects.toThrow(/not yet/);
  });

  it('rule 12: the role of the services cannot change, delete or empty what was written', async () => {
    for (const table of ['entries', 'tiles', 'checkpoints']) {
      for (const attempt of [`DELETE FROM audit.${table}`, `TRUNCATE audit.${table}`]) {
        await expect(test.dataSource.query(attempt)).rejects.toThrow(/permission denied/);
      }
    }
    await expect(test.dataSource.query(`UPDATE audit.entries SET leaf = '{}'`)).rejects.toThrow(/permission denied/);
  });
});

describe('the log of a release that kept hashes one by one', () => {
  it('goes on from its entries, under the same root', async () => {
    const test = await openTestDatabase([{ ...auditMigrations, migrations: auditMigrations.migrations.slice(0, 1) }]);
    const dataDir = await mkdtemp(join(tmpdir(), 'chartly-audit-'));
    try {
      const size = 66_000;
      const leaves = Array.from({ length: size }, (_, at) => canonicalJson({ ...entry(at), id: uuidAt(at) }));
      await keepOneByOne(test, leaves);
      await migrate({ ownerUrl: test.ownerUrl, appRole: roleOf(test.appUrl), services: [auditMigrations] });
      const key = new SigningKey(loadConfig({ CHARTLY_DATA_DIR: dataDir }));
      await key.onModuleInit();
      const log = new Log(test.dataSource, new Tiles(test.dataSource), key);
      await log.append([{ id: ids.uuidv7(), leaf: '{"n":1}' }]);
      const frontier = [...leaves, '{"n":1}'].reduce(
        (tree, leaf) => tree.append(leafHash(Buffer.from(leaf))),
        Frontier.empty(),
      );
      const head = await log.head();
      expect({ size: head.size, root: head.root.toString('hex') }).toEqual({
        size: size + 1,
        root: frontier.root().toString('hex'),
      });
    } finally {
      await test.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

const uuidAt = (at: number): string => `01890000-0000-7000-8000-${String(at).padStart(12, '0')}`;

/** Writes a log as the first migration's tables had it. */
async function keepOneByOne(test: TestDatabase, leaves: readonly string[]): Promise<void> {
  let level = leaves.map((leaf) => leafHash(Buffer.from(leaf)));
  let frontier = Frontier.empty();
  for (const hash of level) frontier = frontier.append(hash);
  await test.database.query(
    'INSERT INTO audit.entries (index, entry_id, leaf) SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[])',
    [leaves.map((_, at) => at), leaves.map((_, at) => uuidAt(at)), leaves],
  );
  for (let height = 0; level.length > 0; height += 1) {
    await test.database.query(
      'INSERT INTO audit.nodes SELECT $1, at - 1, hash FROM unnest($2::bytea[]) WITH ORDINALITY AS n (hash, at)',
      [height, level],
    );
    const pairs = Math.floor(level.length / 2);
    level = Array.from({ length: pairs }, (_, at) => nodeHash(level[2 * at]!, level[2 * at + 1]!)); // in range
  }
  await test.database.query("INSERT INTO audit.checkpoints (size, root, note) VALUES ($1, $2, 'kept')", [
    leaves.length,
    frontier.root(),
  ]);
}
