import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { Outbox } from '#libs/database/outbox';
import { AccessReview } from './access/access-review';
import { Grants } from './access/grants';
import { RoleBook } from './access/role-book';
import { Subjects } from './access/subjects';
import { Accounts } from './accounts/accounts';
import { AuthService } from './auth.service';
import { ApiKey } from './keys/api-key.entity';
import { ApiKeys } from './keys/api-keys';
import { KeyIssuer } from './keys/key-issuer';
import { LocalAccess } from './local/local-access';
import { SetupLink } from './local/setup-link';
import { SetupToken } from './local/setup-token.entity';
import { MasterKeys } from './secrets/master-keys';
import { masterKeysOf } from './secrets/master-keys.provider';
import { OutsideSecrets } from './secrets/outside-secrets';
import { Secret } from './secrets/secret.entity';
import { SecretStore } from './secrets/secret-store';

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
  async process(env: Readonly<Record<string, string>> = {}, masterKeys?: MasterKeys): Promise<AuthProcess> {
    const { database } = this;
    const config = loadConfig({ CHARTLY_DATA_DIR: this.dataDir, ...env });
    const ids = new Ids();
    const grants = new Grants(database);
    const keys = new ApiKeys(this.clock, ids, database.getRepository(ApiKey), grants);
    const setup = new SetupLink(config, this.clock, database.getRepository(ApiKey), database.getRepository(SetupToken));
    const local = new LocalAccess(config);
    const audit = new AuditTrail(new Outbox('auth'), this.clock, ids);
    const accounts = new Accounts(database, audit, this.clock, ids);
    const roles = new RoleBook(database, new Subjects(), audit, this.clock);
    const issuer = new KeyIssuer(database, keys, accounts, grants, audit);
    const review = new AccessReview(database, roles, grants, keys, accounts);
    const secrets = new SecretStore(
      database,
      database.getRepository(Secret),
      masterKeys ?? masterKeysOf(config),
      new OutsideSecrets(config),
      audit,
      this.clock,
    );
    await local.onApplicationBootstrap();
    await setup.onApplicationBootstrap();
    return {
      auth: new AuthService(database, keys, issuer, accounts, roles, review, setup, local, secrets, audit, this.clock),
      keys,
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
}
