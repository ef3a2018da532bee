import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '#libs/net/free-port';
import { SERVICES, ServiceName } from '#libs/contracts/contract';
import { EmbeddedPostgres } from '#libs/database/embedded-postgres';
import { CommandFailed } from '../failure';
import { say } from '../output';
import { Child } from './child';
import { SERVER } from './paths';
import { waitUntilReady } from './ready';

const STOP_GRACE_MS = 40_000;

interface SplitOptions {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Role {
  readonly service: ServiceName;
  readonly internalUrl: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  child: Child;
  /** It was ended on purpose. */
  ended: boolean;
}

/** Nine processes, one a service, on one Postgres that belongs to them all: what a cluster runs, on one machine. */
export class SplitServers {
  readonly exited: Promise<unknown>;
  private stopping = false;

  private constructor(
    readonly url: string,
    private readonly roles: readonly Role[],
    private readonly postgres?: EmbeddedPostgres,
  ) {
    this.exited = new Promise((resolve) => {
      for (const role of roles)
        void role.child.exited.then(() => {
          if (!this.stopping && !role.ended) resolve(role.service);
        });
    });
  }

  /** Starts Postgres (unless `CHARTLY_DATABASE_URL` names one), applies migrations, then starts the nine. */
  static async start({ dataDir, env }: SplitOptions): Promise<SplitServers> {
    const postgres = env.CHARTLY_DATABASE_URL === undefined ? await EmbeddedPostgres.start({ dataDir }) : undefined;
    const shared: NodeJS.ProcessEnv = {
      CHARTLY_OBJECTS_URL: pathToFileURL(join(dataDir, 'objects')).href,
      ...env,
      CHARTLY_DATA_DIR: dataDir,
      ...(postgres ? { CHARTLY_DATABASE_URL: postgres.appUrl, CHARTLY_DATABASE_MIGRATION_URL: postgres.ownerUrl } : {}),
    };
    try {
      await migrate(shared, dataDir);
      const host = env.CHARTLY_HOST ?? '127.0.0.1';
      const url = `http://${host}:${env.CHARTLY_PORT ?? '8080'}`;
      const roles = await startRoles(shared, dataDir);
      return new SplitServers(url, roles, postgres);
    } catch (thrown) {
      await postgres?.stop();
      throw thrown;
    }
  }

  get complaint(): string {
    const [ended] = this.roles.filter(({ child }) => child.exit);
    return ended ? `The ${ended.service} process ended: ${ended.child.complaint || 'see its log'}.` : '';
  }

  /** Kills one service at once and leaves it dead until {@link restart}. */
  async kill(service: ServiceName): Promise<void> {
    const role = this.role(service);
    role.ended = true;
    await role.child.kill();
  }

  /** Starts a service again that was killed, and waits until it is ready. */
  async restart(service: ServiceName): Promise<void> {
    const role = this.role(service);
    role.child = spawnRole(role.env, role.logFile);
    role.ended = false;
    await waitUntilReady(role.child, role.logFile);
  }

  async ready(): Promise<void> {
    for (const { service, internalUrl, child, logFile } of this.roles) {
      await waitUntilReady(child, logFile);
      say(`  ${service} is ready (pid ${child.pid}, internal ${internalUrl})`);
    }
  }

  private role(service: ServiceName): Role {
    const found = this.roles.find((role) => role.service === service);
    if (!found) throw new CommandFailed(`There is no service "${service}".`, 2);
    return found;
  }

  /** Those that take requests stop before those that serve them. */
  async stop(): Promise<void> {
    this.stopping = true;
    // in this order a request in flight still finds the services below it
    for (const { child } of this.roles) await child.stop(STOP_GRACE_MS);
    await this.postgres?.stop();
  }
}

async function migrate(env: NodeJS.ProcessEnv, dataDir: string): Promise<void> {
  const child = new Child({ args: [SERVER, '--migrate-only'], env, logFile: join(dataDir, 'logs', 'migrate.log') });
  const { code } = await child.exited;
  if (code !== 0) throw new CommandFailed(child.complaint || 'The migrations were not applied; see logs/migrate.log.');
}

async function startRoles(shared: NodeJS.ProcessEnv, dataDir: string): Promise<Role[]> {
  const keys = SERVICES.map((service) => ({ service, ...generateKeyPairSync('ed25519') }));
  const publicKeys = Object.fromEntries(
    keys.map(({ service, publicKey }) => [
      service,
      [publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
    ]),
  );
  const ports = new Map<ServiceName, number>();
  for (const service of SERVICES) ports.set(service, await freePort());
  const urls = Object.fromEntries(
    SERVICES.map((service) => [
      `CHARTLY_${service.toUpperCase().replaceAll('-', '_')}_URL`,
      `http://127.0.0.1:${ports.get(service)}`,
    ]),
  );
  return keys.map(({ service, privateKey }) => {
    const env: NodeJS.ProcessEnv = {
      ...shared,
      ...urls,
      CHARTLY_ROLE: service,
      CHARTLY_INTERNAL_PORT: String(ports.get(service)),
      CHARTLY_SERVICE_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      CHARTLY_SERVICE_PUBLIC_KEYS: JSON.stringify(publicKeys),
      CHARTLY_LOCAL_ACCESS: 'true',
    };
    const logFile = join(dataDir, 'logs', `${service}.log`);
    const internalUrl = `http://127.0.0.1:${ports.get(service)}`;
    return { service, internalUrl, env, logFile, child: spawnRole(env, logFile), ended: false };
  });
}

const spawnRole = (env: NodeJS.ProcessEnv, logFile: string): Child => new Child({ args: [SERVER], env, logFile });
