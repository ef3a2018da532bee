import { Frontier, leafHash, nodeHash } from '#libs/audit-proof/merkle';
import { verifyConsistency, verifyInclusion } from '#libs/audit-proof/proofs';
import { openCheckpoint } from '#libs/audit-proof/signed-note';
import { hashesFromTiles, TILE_WIDTH, TileRef, TileTree, widthOf } from '#libs/audit-proof/tiles';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { LoggedEntry } from '#libs/contracts/audit.contract';
import { migrate, roleOf } from '#libs/database/migrations';
import { canonicalJson } from '#libs/documents/canonical';
import { auditMigrations } from './audit.migrations';
import { anEntry, AuditUnderTest } from './audit.testing';

describe('the audit log on Postgres', () => {
  let log: AuditUnderTest;

  beforeAll(async () => {
    log = await AuditUnderTest.start();
  });
  afterAll(() => log.stop());

  it('takes an entry once, however often it is sent, alone or beside itself', async () => {
    const audit = await log.open();
    const [a, b] = [anEntry(1), anEntry(2)];
    const first = await audit.append({ entries: [a, b, a] });
    expect(first.indexes).toEqual([0, 1, 0]);
    expect((await audit.append({ entries: [b, anEntry(3)] })).indexes).toEqual([1, 2]);
    expect((await audit.checkpoint()).size).toBe(3);
  });

  it('makes one dense log of what two writers append at once, and goes on after a restart', async () => {
    const writers = await Promise.all([log.open(), log.open()]);
    await Promise.all(
      Array.from({ length: 30 }, (_, at) => writers[at % 2]!.append({ entries: [anEntry(at), anEntry(at + 100)] })),
    );
    const audit = await log.open();
    const head = await audit.checkpoint();
    expect(head.size).toBe(63);
    const leaves = await log.leaves(audit);
    expect(leaves).toHaveLength(63);
    expect(await verifyLog({ leaves, note: head.note, publicKey: head.publicKey })).toMatchObject({
      verified: true,
      size: 63,
    });
  });

  it('proves inclusion and consistency of what it holds', async () => {
    const audit = await log.open();
    const { size, root } = await audit.checkpoint();
    const leaves = await log.leaves(audit);
    const bytes = (hashes: readonly string[]): Buffer[] => hashes.map((hash) => Buffer.from(hash, 'base64'));
    for (let index = 0; index < size; index += 1) {
      const { hashes } = await audit.inclusion({ index, size });
      const leaf = leafHash(Buffer.from(leaves[index]!));
      expect(verifyInclusion(index, size, leaf, bytes(hashes), Buffer.from(root, 'base64'))).toBe(true);
    }
    const [earlier] = await log.database.query<{ size: string; root: Buffer }[]>(
      'SELECT size, root FROM audit.checkpoints ORDER BY size OFFSET 1 LIMIT 1',
    );
    const { hashes } = await audit.consistency({ from: Number(earlier!.size), to: size });
    expect(
      verifyConsistency(Number(earlier!.size), size, earlier!.root, Buffer.from(root, 'base64'), bytes(hashes)),
    ).toBe(true);
    await expect(audit.inclusion({ index: size, size })).rejects.toThrow(/has none/);
    await expect(audit.consistency({ from: 1, to: size + 1 })).rejects.toThrow(/not yet/);
  });

  it('finds entries by actor, action, target, project, outcome and time, page by page', async () => {
    const audit = await log.open();
    const ada = { kind: 'key', id: 'ada', name: 'ada' };
    await audit.append({
      entries: [
        anEntry(1, { actor: ada, action: 'keys.create', target: 'Key/1', time: '2026-02-01T00:00:00.000Z' }),
        anEntry(2, { actor: ada, action: 'keys.revoke', target: 'Key/1', project: 'sales', outcome: 'denied' }),
        anEntry(3, { actor: ada, action: 'keysXcreate', target: 'Key/100%' }),
      ],
    });
    const found = async (asked: object): Promise<string[]> =>
      (await audit.entries(asked)).entries.map(({ leaf }) => (JSON.parse(leaf) as { action: string }).action);
    expect(await found({ actor: 'ada' })).toEqual(['keys.create', 'keys.revoke', 'keysXcreate']);
    expect(await found({ action: 'keys.*' })).toEqual(['keys.create', 'keys.revoke']);
    expect(await found({ action: 'keys.create' })).toEqual(['keys.create']);
    expect(await found({ action: 'keys_create' })).toEqual([]);
    expect(await found({ target: 'Key/1*', actor: 'ada' })).toEqual(['keys.create', 'keys.revoke', 'keysXcreate']);
    expect(await found({ target: 'Key/100%' })).toEqual(['keysXcreate']);
    expect(await found({ project: 'sales' })).toEqual(['keys.revoke']);
    expect(await found({ outcome: 'denied' })).toEqual(['keys.revoke']);
    expect(await found({ since: '2026-02-01T01:00:00+01:00', until: '2026-02-02T00:00:00Z' })).toEqual(['keys.create']);
    const first = await audit.entries({ actor: 'ada', limit: 2 });
    const second = await audit.entries({ actor: 'ada', limit: 2, from: first.next });
    expect([first.entries.length, second.entries.length, second.next]).toEqual([2, 1, undefined]);
  });

  it('rule 12: the role of the services cannot change, delete or empty what was written', async () => {
    for (const table of ['entries', 'tiles', 'checkpoints', 'facets', 'personal_data']) {
      for (const attempt of [`DELETE FROM audit.${table}`, `TRUNCATE audit.${table}`]) {
        await expect(log.database.query(attempt)).rejects.toThrow(/permission denied/);
      }
    }
    await expect(log.database.query(`UPDATE audit.entries SET leaf = '{}'`)).rejects.toThrow(/permission denied/);
    await expect(log.database.query(`UPDATE audit.subjects SET key = ''`)).rejects.toThrow(/permission denied/);
  });

  it('shares a head among what comes while one is signed, and acknowledges nothing before it is under one', async () => {
    const { audit, keys } = await log.openParts();
    const heads = async (): Promise<number> => {
      const [row] = await log.database.query<{ heads: string }[]>('SELECT count(*) AS heads FROM audit.checkpoints');
      return Number(row!.heads);
    };
    const before = await heads();
    const sizes = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const { indexes } = await audit.append({ entries: [anEntry(at)] });
        const { note } = await audit.checkpoint();
        return openCheckpoint(note, keys.first)!.size > indexes[0]!;
      }),
    );
    expect(sizes.every(Boolean)).toBe(true);
    expect((await heads()) - before).toBeLessThan(40);
  });

  it('makes a leaf of all that is known of what was done: canonical JSON, and nothing else', async () => {
    const audit = await log.open();
    const entry = anEntry(1, {
      actor: { kind: 'key', id: 'ck_1', name: 'robot' },
      action: 'documents.apply',
      target: 'Pipeline/default/é',
      project: 'default',
      outcome: 'failed',
      reason: 'it was "moved"',
      requestId: 'request-1',
      before: 'a'.repeat(64),
      after: 'b'.repeat(64),
      client: { address: '203.0.113.7', agent: 'curl' },
    });
    const [index] = (await audit.append({ entries: [entry] })).indexes;
    const [{ leaf }] = (await audit.entries({ from: index, limit: 1 })).entries as [LoggedEntry];
    const said = JSON.parse(leaf) as Record<string, unknown> & { client: Record<string, unknown> };
    expect(Object.keys(said)).toEqual(Object.keys(entry).sort());
    expect(leaf).toBe(canonicalJson(said));
    const { client, ...plain } = said;
    expect({ ...plain, client: Object.keys(client) }).toEqual({ ...entry, client: ['address', 'agent'] });
    expect(leaf).not.toContain('203.0.113.7');
  });

  it('gives its tree as tiles, from which the head follows, and none beyond its end', async () => {
    const audit = await log.open();
    await audit.append({ entries: Array.from({ length: 300 }, (_, at) => anEntry(at)) });
    const { size, root } = await audit.checkpoint();
    const wanted = [0, 1].flatMap((level) => {
      const last = Math.floor(size / TILE_WIDTH ** (level + 1));
      return Array.from({ length: last + 1 }, (_, index) => ({ level, index, width: widthOf(level, index, size) }));
    });
    const tiles = new Map<string, Buffer>();
    for (const tile of wanted.filter(({ width }) => width > 0)) {
      const { hashes } = await audit.tile(tile);
      expect(hashes).toHaveLength(tile.width);
      tiles.set(`${tile.level}/${tile.index}`, Buffer.concat(hashes.map((hash) => Buffer.from(hash, 'base64'))));
    }
    const read = (asked: readonly TileRef[]) =>
      Promise.resolve(asked.map(({ level, index }) => new TileTree(tiles.get(`${level}/${index}`)!)));
    const [found] = await hashesFromTiles(size, [{ start: 0, end: size }], read);
    expect(found?.toString('base64')).toBe(root);
    for (const beyond of [
      { level: 0, index: Math.floor(size / TILE_WIDTH), width: 256 },
      { level: 6, index: 0, width: 1 },
    ]) {
      await expect(audit.tile(beyond)).rejects.toMatchObject({ code: 'audit.range', status: 400 });
    }
  });
});

describe('the log of a release that kept hashes one by one', () => {
  it('goes on from its entries, under the same root', async () => {
    const log = await AuditUnderTest.start({ ...auditMigrations, migrations: auditMigrations.migrations.slice(0, 1) });
    try {
      const size = 66_000;
      const leaves = Array.from({ length: size }, (_, at) => canonicalJson({ ...anEntry(at), id: uuidAt(at) }));
      await keepOneByOne(log, leaves);
      const { ownerUrl, appUrl } = log.test;
      await migrate({ ownerUrl, appRole: roleOf(appUrl), services: [auditMigrations] });
      const audit = await log.open();
      await audit.append({ entries: [anEntry(size)] });
      const { entries } = await audit.entries({ from: size, target: `Pipeline/default/p${size}` });
      const frontier = [...leaves, entries[0]!.leaf].reduce(
        (tree, leaf) => tree.append(leafHash(Buffer.from(leaf))),
        Frontier.empty(),
      );
      const head = await audit.checkpoint();
      expect({ size: head.size, root: head.root }).toEqual({
        size: size + 1,
        root: frontier.root().toString('base64'),
      });
      expect((await audit.entries({ target: 'Pipeline/default/p40000' })).entries).toMatchObject([{ index: 40_000 }]);
    } finally {
      await log.stop();
    }
  });
});

const uuidAt = (at: number): string => `01890000-0000-7000-8000-${String(at).padStart(12, '0')}`;

/** Writes a log as the first migration's tables had it. */
async function keepOneByOne({ database }: AuditUnderTest, leaves: readonly string[]): Promise<void> {
  let level = leaves.map((leaf) => leafHash(Buffer.from(leaf)));
  let frontier = Frontier.empty();
  for (const hash of level) frontier = frontier.append(hash);
  await database.query(
    'INSERT INTO audit.entries (index, entry_id, leaf) SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[])',
    [leaves.map((_, at) => at), leaves.map((_, at) => uuidAt(at)), leaves],
  );
  for (let height = 0; level.length > 0; height += 1) {
    await database.query(
      'INSERT INTO audit.nodes SELECT $1, at - 1, hash FROM unnest($2::bytea[]) WITH ORDINALITY AS n (hash, at)',
      [height, level],
    );
    const pairs = Math.floor(level.length / 2);
    level = Array.from({ length: pairs }, (_, at) => nodeHash(level[2 * at]!, level[2 * at + 1]!)); // in range
  }
  await database.query("INSERT INTO audit.checkpoints (size, root, note) VALUES ($1, $2, 'kept')", [
    leaves.length,
    frontier.root(),
  ]);
}
