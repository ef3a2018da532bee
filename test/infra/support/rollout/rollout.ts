import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Child } from '#apps/cli/up/child';
import { waitUntilReady } from '#apps/cli/up/ready';
import { urlVariable } from '#deploy/generate/components';
import { ServiceName, SERVICES } from '#libs/contracts/contract';
import { freePort } from '#libs/net/free-port';
import { TestPostgres } from '#libs/testing/postgres';
import { ServiceAddress } from './service-address';

const STOP_MS = 40_000;
/** Two releases of nine roles share one small Postgres. */
const POOL = '4';

/** A build of Chartly: the folder that its `dist` lies in. */
export interface Release {
  readonly name: string;
  readonly folder: string;
  /** Whether its processes end within their grace however busy they are kept: not every release so far did. */
  readonly drains: boolean;
}

interface Pod {
  readonly release: Release;
  readonly child: Child;
  readonly internalPort: number;
  readonly publicPort: number;
}

/** Nine roles behind an address each, on one Postgres, whose processes are replaced as a Deployment replaces pods. */
export class Rollout {
  readonly publicAddress = ServiceAddress.own(SERVICES.length);
  private readonly pods = new Map<ServiceName, Pod>();
  private readonly endings: Promise<string[]>[] = [];

  private constructor(
    private readonly scratch: string,
    private readonly shared: NodeJS.ProcessEnv,
    private readonly addresses: ReadonlyMap<ServiceName, ServiceAddress>,
    private readonly privateKeys: ReadonlyMap<ServiceName, string>,
  ) {}

  static prepare(scratch: string, postgres: TestPostgres): Rollout {
    const addresses = new Map(SERVICES.map((service, at) => [service, ServiceAddress.own(at)]));
    const keys = SERVICES.map((service) => [service, generateKeyPairSync('ed25519')] as const);
    const publicKeys = keys.map(([service, { publicKey }]) => [
      service,
      [publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
    ]);
    const urls = [...addresses].map(([service, { url }]) => [urlVariable(service), url]);
    const shared = {
      ...process.env,
      ...Object.fromEntries(urls),
      NODE_ENV: 'production',
      CHARTLY_DATA_DIR: join(scratch, 'data'),
      CHARTLY_OBJECTS_URL: pathToFileURL(join(scratch, 'data', 'objects')).href,
      CHARTLY_DATABASE_URL: postgres.appUrl,
      CHARTLY_DATABASE_MIGRATION_URL: postgres.ownerUrl,
      CHARTLY_DATABASE_POOL: POOL,
      CHARTLY_SERVICE_PUBLIC_KEYS: JSON.stringify(Object.fromEntries(publicKeys)),
      CHARTLY_LOCAL_ACCESS: 'true',
    };
    const privateKeys = keys.map(([service, { privateKey }]) => [
      service,
      privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    ]) satisfies [ServiceName, string][];
    return new Rollout(scratch, shared, addresses, new Map(privateKeys));
  }

  get dataDir(): string {
    return join(this.scratch, 'data');
  }

  /** The release of each role, as it runs now. */
  get releases(): readonly string[] {
    return SERVICES.map((service) => this.pods.get(service)?.release.name ?? 'none');
  }

  /** What the hook before an upgrade runs. Throws with its sentence when it fails. */
  async migrate(release: Release): Promise<void> {
    const child = new Child({
      args: [mainOf(release), '--migrate-only'],
      env: this.shared,
      logFile: this.log('migrate'),
    });
    const { code } = await child.exited;
    if (code !== 0) throw new Error(`The migrations of ${release.name} failed: ${child.complaint}`);
  }

  /** Starts the nine. */
  async install(release: Release): Promise<void> {
    await Promise.all(SERVICES.map(async (service) => this.takeIn(service, await this.start(service, release))));
  }

  /**
   * Puts a process of `release` in the place of the one that serves. It is ready before the old one is told to end, and
   * nobody waits for that end; storage, which has one process that opens DuckDB's file, has ended before.
   */
  async replace(service: ServiceName, release: Release): Promise<void> {
    const old = this.podOf(service);
    if (service === 'storage') {
      this.takeOut(service, old);
      await this.end(service, old);
      return this.takeIn(service, await this.start(service, release));
    }
    await this.takeIn(service, await this.start(service, release));
    if (old.child.exit) throw new Error(`The old ${service} ended beside the new one: ${old.child.complaint}`);
    this.takeOut(service, old);
    if (service === 'gateway') await this.publicAddress.forgotten(old.publicPort);
    void this.end(service, old);
  }

  /** Waits until all that were replaced have ended; tells of those that did not end with 0 within their grace. */
  async ended(): Promise<string[]> {
    return (await Promise.all(this.endings)).flat();
  }

  /** Ends the nine, those that take requests first. */
  async remove(): Promise<void> {
    this.publicAddress.close();
    await this.ended();
    for (const service of SERVICES) {
      const pod = this.pods.get(service);
      await pod?.child.stop(STOP_MS);
      this.addresses.get(service)?.close();
    }
  }

  private async start(service: ServiceName, release: Release): Promise<Pod> {
    const [internalPort, publicPort] = [await freePort(), await freePort()];
    const env = {
      ...this.shared,
      CHARTLY_ROLE: service,
      CHARTLY_PORT: String(publicPort),
      CHARTLY_INTERNAL_PORT: String(internalPort),
      CHARTLY_SERVICE_PRIVATE_KEY: this.privateKeys.get(service),
    };
    const child = new Child({ args: [mainOf(release)], env, logFile: this.log(service) });
    await waitUntilReady(child, this.log(service));
    return { release, child, internalPort, publicPort };
  }

  private async takeIn(service: ServiceName, pod: Pod): Promise<void> {
    await this.addresses.get(service)?.add(pod.internalPort);
    if (service === 'gateway') await this.publicAddress.add(pod.publicPort);
    this.pods.set(service, pod);
  }

  private takeOut(service: ServiceName, { internalPort, publicPort }: Pod): void {
    this.addresses.get(service)?.remove(internalPort);
    if (service === 'gateway') this.publicAddress.remove(publicPort);
  }

  private end(service: ServiceName, { child, release }: Pod): Promise<string[]> {
    const ending = child.stop(STOP_MS).then(() => {
      if (child.exit?.code === 0 || !release.drains) return [];
      return [`${service} of ${release.name} ended with ${JSON.stringify(child.exit)}: ${child.complaint}`];
    });
    this.endings.push(ending);
    return ending;
  }

  private podOf(service: ServiceName): Pod {
    const pod = this.pods.get(service);
    if (!pod) throw new Error(`${service} does not run.`);
    return pod;
  }

  private log(name: string): string {
    return join(this.scratch, 'logs', `${name}.log`);
  }
}

const mainOf = ({ folder }: Release): string => join(folder, 'dist', 'src', 'main.js');
