import { NestFastifyApplication, FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { Sweeper } from '#apps/connector-hub/inbox/sweeper';
import { ConfigModule } from '#libs/config/config.module';
import { loadConfig } from '#libs/config/load';
import { CONTRACTS } from '#libs/contracts/all';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { AnyContract, wireOf } from '#libs/contracts/contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { InstallSteps } from '#libs/contracts/steps';
import { StorageContract } from '#libs/contracts/storage.contract';
import { DatabaseModule } from '#libs/database/database.module';
import { migrate, roleOf } from '#libs/database/migrations';
import { JobWorkers } from '#libs/queue/job-workers';
import { QueueModule } from '#libs/queue/queue.module';
import { TelemetryModule } from '#libs/telemetry/telemetry.module';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { LocalServices } from '#libs/transport/local-services';
import { TransportModule } from '#libs/transport/transport.module';
import { loadRoles } from '#src/roles';

type Method = (input: never) => unknown;
/** Stands between a caller and a service: calls through, later, twice, or not at all. */
type Fault = (callThrough: () => Promise<unknown>) => Promise<unknown>;

/**
 * Inbox, normalizer and event store in one process on real engines, without the queue's workers: a test offers each
 * batch itself, when and as often as it wants, and may break any call between the services.
 */
export class DataPlane {
  private readonly faults = new Map<string, Fault>();

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly postgres: TestPostgres,
    private readonly dataDir: string,
  ) {}

  static async start(): Promise<DataPlane> {
    const dataDir = await mkdtemp(join(tmpdir(), 'chartly-data-plane-'));
    const postgres = await startTestPostgres();
    const config = loadConfig({ CHARTLY_DATA_DIR: dataDir });
    const roles = await loadRoles(['connector-hub', 'normalizer', 'storage']);
    const services = roles.flatMap(({ migrations }) => migrations ?? []);
    await migrate({ ownerUrl: postgres.ownerUrl, appRole: roleOf(postgres.appUrl), services });
    const { appUrl: url } = postgres;
    const tested = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(config),
        TelemetryModule.forRoot({ logLevel: 'silent', role: 'data-plane' }),
        DatabaseModule.forRoot({ url, poolMax: 10, applicationName: 'data plane' }),
        QueueModule.forRoot({ databaseUrl: url }),
        TransportModule.forRoot(CONTRACTS, config),
        ...roles.map(({ module }) => module),
      ],
    })
      .overrideProvider(JobWorkers)
      .useValue({})
      .compile();
    tested.useLogger(false);
    const app = tested.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();
    const plane = new DataPlane(app, postgres, dataDir);
    for (const contract of [ConnectorHubContract, NormalizerContract, StorageContract]) plane.standBetween(contract);
    return plane;
  }

  get hub(): ConnectorHubContract {
    return this.app.get(ConnectorHubContract);
  }

  get normalizer(): NormalizerContract {
    return this.app.get(NormalizerContract);
  }

  get storage(): StorageContract {
    return this.app.get(StorageContract);
  }

  get database(): DataSource {
    return this.app.get(DataSource);
  }

  get<T>(provider: abstract new (...args: never[]) => T): T {
    return this.app.get<T>(provider, { strict: false });
  }

  /** Installs a pipeline version in the three services, as apply does. */
  async install(steps: InstallSteps): Promise<void> {
    const { project, pipeline, version, dataset, time, key, columns } = steps;
    await this.storage.installDataset({ project, dataset, time, key, columns });
    await this.normalizer.install(steps);
    await this.hub.install({ project, pipeline, version });
  }

  /** From now on `service.method` goes through the fault; `undefined` mends it. */
  break(call: string, fault: Fault | undefined): void {
    if (fault) this.faults.set(call, fault);
    else this.faults.delete(call);
  }

  /** Lets every lease run out and offers what is pending again, as the sweeper does in time. */
  async sweep(): Promise<void> {
    await this.database.query("UPDATE connector_hub.batches SET lease_until = '-infinity' WHERE status = 'pending'");
    await this.get(Sweeper).sweep();
  }

  async epochOf(batchId: string): Promise<number> {
    return (await this.hub.fetchBatch({ batchId })).epoch;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.postgres.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  private standBetween(contract: AnyContract): void {
    const { service, methods } = wireOf(contract);
    const local = this.app.get(LocalServices);
    const through = Object.keys(methods).map((name) => {
      const method = local.method(service, name);
      if (!method) throw new Error(`${service}.${name} is not served here.`);
      if (method.kind === 'stream') return [name, method.stream as Method] as const; // none is broken here
      const call: Method = async (input) => {
        const fault = this.faults.get(`${service}.${name}`);
        return fault ? fault(() => method.call(input)) : method.call(input);
      };
      return [name, call] as const;
    });
    local.register(contract, Object.fromEntries(through));
  }
}
