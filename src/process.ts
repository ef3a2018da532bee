import { DynamicModule, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Logger as PinoLogger } from 'nestjs-pino';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { DataSource } from 'typeorm';
import { ChartlyConfig } from '#libs/config/config';
import { ConfigModule } from '#libs/config/config.module';
import { CONTRACTS } from '#libs/contracts/all';
import { assertDurable, DatabaseModule } from '#libs/database/database.module';
import { BadRequest } from '#libs/errors/errors';
import { QueueModule } from '#libs/queue/queue.module';
import { Readiness } from '#libs/telemetry/readiness';
import { TelemetryModule } from '#libs/telemetry/telemetry.module';
import { ProblemFilter, sendProblem } from '#libs/transport/problem.filter';
import { TransportModule } from '#libs/transport/transport.module';
import { closeServer, listen, separateListeners } from './listeners';
import { Role } from './roles';

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** One process of Chartly: the services of its roles, their listeners, and how they start and drain. */
export class ChartlyProcess {
  private readonly servers: Server[] = [];

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly config: ChartlyConfig,
  ) {}

  static async boot(config: ChartlyConfig, roles: readonly Role[], databaseUrl: string): Promise<ChartlyProcess> {
    const logger = new Logger('Http');
    const adapter = new FastifyAdapter({
      bodyLimit: config.bodyMaxBytes,
      trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
      forceCloseConnections: 'idle',
      frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
        void reply.header('x-request-id', request.id);
        sendProblem(
          new BadRequest('route.malformed', `The address is malformed: ${error.message}.`),
          request,
          reply,
          logger,
        );
      },
      genReqId: (request: { headers: IncomingHttpHeaders }) => {
        const given = request.headers['x-request-id'];
        return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
      },
    });
    const fastify = adapter.getInstance();
    separateListeners(fastify);
    fastify.addHook('onSend', (request, reply, _payload, done) => {
      void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
      done();
    });
    const app = await NestFactory.create<NestFastifyApplication>(rootModule(config, roles, databaseUrl), adapter, {
      bufferLogs: true,
      abortOnError: false,
      bodyParser: false,
    });
    app.useLogger(app.get(PinoLogger));
    app.flushLogs();
    app.useGlobalFilters(new ProblemFilter());
    if (config.roles.has('gateway')) {
      const { setUpGateway } = await import('#apps/gateway/gateway.setup');
      setUpGateway(app);
    }
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
