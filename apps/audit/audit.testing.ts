import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { Clock, Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { Idempotency } from '#libs/idempotency/idempotency';
import { openObjects } from '#libs/objects/open-objects';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { auditMigrations } from './audit.migrations';
import { AuditService } from './audit.service';
import { Facets } from './facets';
import { Handovers } from './handovers';
import { Log } from './log';
import { Mirror } from './mirror';
import { PersonalData } from './personal-data';
import { LogKeys } from './log-keys';
import { Retention } from './retention';
import { Seals } from './seals';
import { Tiles } from './tiles';
import { Witnesses } from './witnesses';

const ids = new Ids();

export const anEntry = (at: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: ids.uuidv7(),
  time: '2026-01-01T00:00:00.000Z',
  actor: { kind: 'local', id: 'local', name: 'local' },
  action: 'documents.update',
  target: `Pipeline/default/p${at}`,
  outcome: 'succeeded',
  ...more,
});

/** A database with the audit service's tables, and a data folder for its key. */
export class AuditUnderTest {
  private constructor(
    readonly test: TestDatabase,
    readonly dataDir: string,
  ) {}

  static async start(migrations = auditMigrations): Promise<AuditUnderTest> {
    return new AuditUnderTest(await openTestDatabase([migrations]), await mkdtemp(join(tmpdir(), 'chartly-audit-')));
  }

  get database(): DataSource {
    return this.test.database;
  }

  /** The service as one more process has it. */
  async open(): Promise<AuditService> {
    return (await this.openParts()).audit;
  }

  async openParts(env: NodeJS.ProcessEnv = {}) {
    const config = loadConfig({ CHARTLY_DATA_DIR: this.dataDir, ...env });
    const keys = new LogKeys(config);
    await keys.onModuleInit();
    const handovers = new Handovers(this.database);
    const tiles = new Tiles(this.database);
    const facets = new Facets(this.database);
    const personalData = new PersonalData(this.database);
    const log = new Log(this.database, tiles, facets, personalData, handovers, keys);
    const gauge = (name: string): Gauge => new Gauge({ name, help: name, labelNames: ['witness'], registers: [] });
    const refused = gauge('refused');
    const witnesses = new Witnesses(this.database, log, config, refused, gauge('cosigned'));
    const objects = await openObjects(config);
    const mirror = new Mirror(this.database, tiles, objects, handovers);
    const clock = new Clock();
    const seals = new Seals(this.database);
    const retention = new Retention(this.database, log, seals, mirror, objects, config, clock, ids);
    const audit = new AuditService(
      log,
      facets,
      personalData,
      witnesses,
      handovers,
      seals,
      clock,
      ids,
      new Idempotency('audit'),
    );
    return { audit, witnesses, refused, objects, mirror, keys, retention };
  }

  /** Every leaf, by pages of an odd size. */
  async leaves(audit: AuditService): Promise<string[]> {
    const leaves: string[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const page = await audit.entries({ from, limit: 37 });
      leaves.push(...page.entries.map(({ leaf }) => leaf));
      from = page.next;
    }
    return leaves;
  }

  /** Puts the database back to where it was before the first entry, as restoring an old backup does. */
  async forget(): Promise<void> {
    const owner = await new DataSource({ type: 'postgres', url: this.test.ownerUrl, extra: { max: 1 } }).initialize();
    await owner.query(
      'TRUNCATE audit.entries, audit.tiles, audit.facets, audit.personal_data, audit.handovers, audit.seals, audit.sealed_entries, audit.forwarded, audit.checkpoints CASCADE',
    );
    await owner.destroy();
  }

  async stop(): Promise<void> {
    await this.test.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
