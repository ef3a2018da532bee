import { DynamicModule, Global, Module, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import { register } from 'prom-client';
import { GatewayModule } from '#apps/gateway/gateway.module';
import { ConfigModule } from '#libs/config/config.module';
import { loadConfig } from '#libs/config/load';
import { CONTRACTS } from '#libs/contracts/all';
import { TelemetryModule } from '#libs/telemetry/telemetry.module';
import { createHttpApp } from './http-app';
import { closeServer, listen } from './listeners';

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  /** What stands behind a contract; nothing for one that is left out. */
  readonly services?: ReadonlyMap<unknown, object>;
  readonly controllers?: readonly Type[];
  /** Before the routes of the controllers are added to it. */
  readonly prepare?: (app: NestFastifyApplication) => void;
  readonly logs?: NodeJS.WritableStream;
}

/** The gateway as a process of its role hosts it, with all that a request meets, over services in memory. */
export class GatewayInMemory {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly server: Server,
  ) {}

  static async start({ env = {}, services, controllers = [], prepare, logs }: Given = {}): Promise<GatewayInMemory> {
    register.clear(); // one process has one registry; tests make several gateways
    const config = loadConfig(env);
    @Global()
    @Module({
      providers: CONTRACTS.map((provide) => ({ provide, useValue: services?.get(provide) ?? {} })),
      exports: [...CONTRACTS],
      controllers: [...controllers],
    })
    class ServicesInMemory {}
    class InMemoryModule {}
    const root: DynamicModule = {
      module: InMemoryModule,
      imports: [
        ConfigModule.forRoot(config),
        TelemetryModule.forRoot({ logLevel: config.logLevel, role: 'gateway', logs }),
        ServicesInMemory,
        GatewayModule,
      ],
    };
    const app = await createHttpApp(config, root);
    try {
      prepare?.(app);
      await app.init();
      const instance = app.getHttpAdapter().getInstance();
      await instance.ready();
      const address = { host: '127.0.0.1', port: 0, variable: 'CHARTLY_PORT' };
      const server = await listen(instance, {
        side: 'public',
        requestTimeoutMs: config.requestTimeoutMs,
        ...address,
      });
      return new GatewayInMemory(app, server);
    } catch (thrown) {
      await app.close();
      throw thrown;
    }
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    await closeServer(this.server);
    await this.app.close();
  }
}
