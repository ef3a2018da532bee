import { DynamicModule, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { Server } from 'node:http';
import { DataSource } from 'typeorm';
import { ChartlyConfig } from '#libs/config/config';
import { ConfigModule } from '#libs/config/config.module';
import { CONTRACTS } from '#libs/contracts/all';
import { assertDurable, DatabaseModule } from '#libs/database/database.module';
import { QueueModule } from '#libs/queue/queue.module';
import { Readiness } from '#libs/telemetry/readiness';
import { TelemetryModule } from '#libs/telemetry/telemetry.module';
import { TransportModule } from '#libs/transport/transport.module';
import { createHttpApp } from './http-app';
import { closeServer, listen } from './listeners';
import { Role } from './roles';

/** One process of Chartly: the services of its roles, their listeners, and how they start and drain. */
export class ChartlyProcess {
  private readonly servers: Server[] = [];

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly config: ChartlyConfig,
  ) {}

  static async boot(config: ChartlyConfig, roles: readonly Role[], databaseUrl: string): Promise<ChartlyProcess> {
    const app = await createHttpApp(config, rootModule(config, roles, databaseUrl));
    const chartly = new ChartlyProcess(app, config);
    try {
      await chartly.open();
    } catch (thrown) {
      await chartly.drain().catch(() => undefined); // what kept it from opening is what is told
      throw thrown;
    }
    new Logger('Chartly').log({ roles: [...config.roles], addresses: chartly.addresses }, 'ready');
    return chartly;
  }

  /** Rule 40: not ready first, then what is in flight, then the services and their engines. */
  async drain(): Promise<void> {
    this.app.get(Readiness).drain();
    await Promise.all(this.servers.map(closeServer));
    await this.app.close();
  }

  private async open(): Promise<void> {
    const database = this.app.get<DataSource>(getDataSourceToken());
    await assertDurable(database);
    this.app.get(Readiness).register('postgres', async () => (await database.query('SELECT 1')) !== undefined);
    await this.app.init();
    await this.app.getHttpAdapter().getInstance().ready();
    await this.listen();
  }

  private get addresses(): string[] {
    return this.servers.map((server) => {
      const address = server.address();
      return address === null || typeof address === 'string' ? String(address) : `${address.address}:${address.port}`;
    });
  }

  private async listen(): Promise<void> {
    const fastify = this.app.getHttpAdapter().getInstance();
    const { config } = this;
    this.servers.push(
      await listen(fastify, {
        side: 'internal',
        host: config.internalHost,
        port: config.internalPort,
        variable: 'CHARTLY_INTERNAL_PORT',
        requestTimeoutMs: config.requestTimeoutMs,
      }),
    );
    if (!config.roles.has('gateway')) return;
    this.servers.push(
      await listen(fastify, {
        side: 'public',
        host: config.host,
        port: config.port,
        variable: 'CHARTLY_PORT',
        requestTimeoutMs: config.requestTimeoutMs,
      }),
    );
  }
}

function rootModule(config: ChartlyConfig, roles: readonly Role[], databaseUrl: string): DynamicModule {
  class ChartlyModule {}
  const role = config.hostsAll ? 'all' : [...config.roles].join(',');
  return {
    module: ChartlyModule,
    imports: [
      ConfigModule.forRoot(config),
      TelemetryModule.forRoot({ logLevel: config.logLevel, role }),
      DatabaseModule.forRoot({ url: databaseUrl, poolMax: config.databasePool, applicationName: `chartly ${role}` }),
      QueueModule.forRoot({ databaseUrl, redisUrl: config.redisUrl }),
      TransportModule.forRoot(CONTRACTS, config),
      ...roles.map(({ module }) => module),
    ],
  };
}
