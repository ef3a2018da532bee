import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataSource } from 'typeorm';
import { leafHash } from '#libs/audit-proof/merkle';
import { FullTile, TileEdge } from '#libs/audit-proof/tile-edge';
import { bundlePath, TILE_WIDTH, widthOf, writeBundle } from '#libs/audit-proof/tiles';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { canonicalJson } from '#libs/documents/canonical';
import { AuditService } from './audit.service';
import { anEntry, AuditUnderTest } from './audit.testing';
import { Tiles } from './tiles';
import { withhold } from './withheld';

const APPEND_MS = 5_000;
/** Tiles in one statement: 1 MiB of hashes. */
const TILES_AT_ONCE = 128;

const ADD_LEAVES = `
  INSERT INTO audit.entries (index, entry_id, leaf)
  SELECT index, gen_random_uuid(), leaf FROM unnest($1::bigint[], $2::text[]) AS l (index, leaf)`;

/** An entry as requests leave it: of a person, with the address and the browser. */
const usualEntry = (at: number): AuditEntry =>
  anEntry(at, {
    actor: { kind: 'user', id: `0190a0a0-0000-7000-8000-0000000000${10 + (at % 50)}`, name: `Person ${at % 50}` },
    client: { address: '203.0.113.7', agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0' },
    requestId: '0190a0a0-0000-7000-8000-000000000000',
    project: 'default',
  });

/** The audit log under load, on a real Postgres: what `npm run bench:audit` measures. */
export class AuditBench {
  private constructor(
    private readonly log: AuditUnderTest,
    private readonly parts: Awaited<ReturnType<AuditUnderTest['openParts']>>,
    private readonly files: string,
  ) {}

  static async start(): Promise<AuditBench> {
    const log = await AuditUnderTest.start();
    return new AuditBench(log, await log.openParts(), await mkdtemp(join(tmpdir(), 'chartly-audit-bench-')));
  }

  get audit(): AuditService {
    return this.parts.audit;
  }

  get publicKey(): string {
    return this.parts.keys.first;
  }

  /** Entries a second that are durable under a signed head, `writers` sending so many at once, one call after the other. */
  async append({ writers, entries }: { readonly writers: number; readonly entries: number }): Promise<number> {
    const began = performance.now();
    let appended = 0;
    const write = async (): Promise<void> => {
      while (performance.now() - began < APPEND_MS) {
        await this.audit.append({ entries: Array.from({ length: entries }, (_, at) => usualEntry(appended + at)) });
        appended += entries;
      }
    };
    await Promise.all(Array.from({ length: writers }, write));
    return (appended * 1_000) / (performance.now() - began);
  }

  /** Puts a log of `size` entries in place of what is there: its tiles, its head, and of the entries the last. */
  async fill(size: number): Promise<void> {
    await this.log.forget();
    const tiles = new Tiles(this.log.database);
    const edge = TileEdge.of(0, []);
    let waiting: FullTile[] = [];
    const store = async (): Promise<void> => {
      await this.log.database.transaction((tx) => tiles.add(tx, waiting));
      waiting = [];
    };
    for (let at = 0; at < size; at += 1) {
      waiting.push(...edge.append(leafHash(Buffer.from(fillerLeaf(at)))));
      if (waiting.length >= TILES_AT_ONCE) await store();
    }
    await store();
    const open = Array.from({ length: size % TILE_WIDTH }, (_, at) => size - (size % TILE_WIDTH) + at);
    await this.log.database.query(ADD_LEAVES, [open, open.map(fillerLeaf)]);
    const root = edge.root();
    await this.log.database.query('INSERT INTO audit.checkpoints (size, root, note) VALUES ($1, $2, $3)', [
      size,
      root,
      this.parts.keys.sign(size, root, this.publicKey),
    ]);
    await this.settle();
  }

  /** Has the database write out what it was filled with, which it does in its own time otherwise. */
  private async settle(): Promise<void> {
    const owner = new DataSource({ type: 'postgres', url: this.log.test.ownerUrl, extra: { max: 1 } });
    await owner.initialize();
    await owner.query('VACUUM ANALYZE audit.tiles');
    await owner.destroy();
  }

  /** Writes a mirror of `size` usual entries as files; gives the folder. */
  async writeMirror(size: number): Promise<string> {
    const edge = TileEdge.of(0, []);
    for (let index = 0; widthOf(0, index, size) > 0; index += 1) {
      const width = widthOf(0, index, size);
      const leaves = Array.from({ length: width }, (_, at) => usualLeaf(index * TILE_WIDTH + at));
      for (const leaf of leaves) edge.append(leafHash(leaf));
      const file = join(this.files, bundlePath({ index, width }));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, writeBundle(leaves));
    }
    await writeFile(join(this.files, 'checkpoint'), this.parts.keys.sign(size, edge.root(), this.publicKey));
    return this.files;
  }

  async stop(): Promise<void> {
    await this.log.stop();
    await rm(this.files, { recursive: true, force: true });
  }
}

const fillerLeaf = (at: number): string => `{"action":"documents.update","index":${at}}`;

const usualLeaf = (at: number): Buffer => Buffer.from(canonicalJson(withhold(usualEntry(at)).leaf));
