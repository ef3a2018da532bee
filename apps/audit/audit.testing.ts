import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { Clock, Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { auditMigrations } from './audit.migrations';
import { AuditService } from './audit.service';
import { Facets } from './facets';
import { Log } from './log';
import { PersonalData } from './personal-data';
import { SigningKey } from './signing-key';
import { Tiles } from './tiles';

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
    private readonly dataDir: string,
  ) {}

  static async start(migrations = auditMigrations): Promise<AuditUnderTest> {
    return new AuditUnderTest(await openTestDatabase([migrations]), await mkdtemp(join(tmpdir(), 'chartly-audit-')));
  }

  get database(): DataSource {
    return this.test.database;
  }

  /** The service as one more process has it. */
  async open(): Promise<AuditService> {
    const key = new SigningKey(loadConfig({ CHARTLY_DATA_DIR: this.dataDir }));
    await key.onModuleInit();
    const facets = new Facets(this.database);
    const personalData = new PersonalData(this.database);
    const log = new Log(this.database, new Tiles(this.database), facets, personalData, key);
    return new AuditService(log, facets, personalData, key, new Clock(), ids);
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

  async stop(): Promise<void> {
    await this.test.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
