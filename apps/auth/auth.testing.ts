import { getRepositoryToken } from '@nestjs/typeorm';
import { Test, TestingModule } from '@nestjs/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { loadConfig } from '#libs/config/load';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { Outbox } from '#libs/database/outbox';
import { Idempotency } from '#libs/idempotency/idempotency';
import { slowDigest } from '#libs/idempotency/slow-digest';
import { AUTH_ENTITIES } from './auth.entities';
import { AUTH_PROVIDERS } from './auth.providers';
import { AuthService } from './auth.service';
import { ApiKeys } from './keys/api-keys';
import { Replies } from './sealed/replies';
import { SigningKeys } from './sessions/signing-keys';

/** A clock that stands still until it is moved. */
export class HandClock extends Clock {
  private at = Date.parse('2026-01-01T00:00:00.000Z');

  override now(): Date {
    return new Date(this.at);
  }

  pass(ms: number): void {
    this.at += ms;
  }
}

/** The auth service on a real Postgres, with a data folder and a clock of its own. */
export class AuthUnderTest {
  readonly clock = new HandClock();
  private readonly modules: TestingModule[] = [];

  private constructor(
    private readonly database: DataSource,
    readonly dataDir: string,
  ) {}

  /** An installation in which nobody has done anything yet. */
  static async on(database: DataSource): Promise<AuthUnderTest> {
    const tables = await tablesOf(database);
    const ordered = ['role_bindings', ...tables]; // a role that is bound cannot go first
    for (const table of ordered) await database.query(`DELETE FROM auth.${table}`);
    return new AuthUnderTest(database, await mkdtemp(join(tmpdir(), 'chartly-auth-')));
  }

  /** One more process of auth on the same database, as after a restart or beside another replica. */
  async process(env: Readonly<Record<string, string>> = {}): Promise<AuthProcess> {
    const { database } = this;
    const config = loadConfig({ CHARTLY_DATA_DIR: this.dataDir, ...env });
    const ids = new Ids();
    const module = await Test.createTestingModule({
      providers: [
        AuthService,
        ...AUTH_PROVIDERS,
        ...AUTH_ENTITIES.map((entity) => ({
          provide: getRepositoryToken(entity),
          useValue: database.getRepository<object>(entity),
        })),
        { provide: DataSource, useValue: database },
        { provide: ChartlyConfig, useValue: config },
        { provide: Clock, useValue: this.clock },
        { provide: Ids, useValue: ids },
        { provide: Idempotency, useValue: new Idempotency('auth', undefined, slowDigest) },
        { provide: AuditTrail, useValue: new AuditTrail(new Outbox('auth'), this.clock, ids) },
      ],
    }).compile();
    await module.init();
    this.modules.push(module);
    return {
      auth: module.get(AuthService),
      keys: module.get(ApiKeys),
      signing: module.get(SigningKeys),
      replies: module.get(Replies),
    };
  }

  /** What the audit log is told, in the order in which it was. */
  async audited(): Promise<AuditEntry[]> {
    const rows = await this.database.query<{ body: AuditEntry }[]>(
      'SELECT body FROM auth.outbox ORDER BY created_at, id',
    );
    return rows.map(({ body }) => body);
  }

  /** Every value of every column of every table of auth, as text: what somebody reads who steals the database. */
  async everythingStored(): Promise<string> {
    const texts = await Promise.all(
      (await tablesOf(this.database)).map((table) =>
        this.database.query<{ row: string }[]>(`SELECT row_to_json(t)::text AS row FROM auth.${table} t`),
      ),
    );
    return texts
      .flat()
      .map(({ row }) => row)
      .join('\n');
  }

  async close(): Promise<void> {
    for (const module of this.modules) await module.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

async function tablesOf(database: DataSource): Promise<string[]> {
  const tables = await database.query<{ name: string }[]>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'auth'`,
  );
  return tables.map(({ name }) => name).filter((name) => name !== 'schema_migrations');
}

export interface AuthProcess {
  readonly auth: AuthService;
  readonly keys: ApiKeys;
  readonly signing: SigningKeys;
  readonly replies: Replies;
}
