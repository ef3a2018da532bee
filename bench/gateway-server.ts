import 'reflect-metadata';
import { DynamicModule, Global, Module } from '@nestjs/common';
import fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { ConfigModule } from '#libs/config/config.module';
import { loadConfig } from '#libs/config/load';
import { CONTRACTS } from '#libs/contracts/all';
import { AuthContract } from '#libs/contracts/auth.contract';
import { OrchestratorContract, Run } from '#libs/contracts/orchestrator.contract';
import { Principal } from '#libs/contracts/principal';
import { TelemetryModule } from '#libs/telemetry/telemetry.module';
import { GatewayModule } from '#apps/gateway/gateway.module';
import { createHttpApp } from '#src/http-app';
import { listen } from '#src/listeners';

/** What both servers answer, from memory. */
const RUN: Run = {
  id: '0190f5c4-0000-7000-8000-000000000001',
  project: 'default',
  pipeline: 'earthquakes',
  version: 3,
  state: 'succeeded',
  trigger: 'schedule',
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:00.010Z',
  endedAt: '2026-01-01T00:00:02.000Z',
  steps: [],
} as unknown as Run; // what an answer of this kind looks like

/** Somebody with a role in a few projects, and one of their own with rules. */
const READER: Principal = {
  kind: 'key',
  id: '0190f5c4-0000-7000-8000-000000000002',
  name: 'reader',
  grants: [
    { role: 'ingest', project: 'telemetry' },
    { role: 'own', project: 'default', rules: [{ permissions: ['pipelines:read'], names: ['team-*'] }] },
    { role: 'viewer', project: 'default' },
  ],
};
const AUTHENTICATED = { principal: READER, validUntil: '2100-01-01T00:00:00.000Z' };

/** Fastify with one route and nothing else. */
async function bare(): Promise<number> {
  const app = fastify();
  app.get('/v1/projects/:project/runs/:run', () => RUN);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port; // it listens on a port
}

/** The gateway as a process of its role hosts it, with all that a request meets, over services in memory. */
async function gateway(): Promise<number> {
  const rate = '900000000/s'; // counted, and never reached
  const config = loadConfig({
    CHARTLY_LIMIT_ADDRESS: rate,
    CHARTLY_LIMIT_KEY: rate,
    CHARTLY_LIMIT_USER: rate,
    CHARTLY_LIMIT_PROJECT: rate,
  });
  const inMemory = new Map<unknown, object>([
    [AuthContract, { authenticate: async () => AUTHENTICATED }],
    [OrchestratorContract, { run: async () => RUN }],
  ]);
  @Global()
  @Module({
    providers: CONTRACTS.map((provide) => ({ provide, useValue: inMemory.get(provide) ?? {} })),
    exports: [...CONTRACTS],
  })
  class ServicesInMemory {}
  class BenchModule {}
  const root: DynamicModule = {
    module: BenchModule,
    imports: [
      ConfigModule.forRoot(config),
      TelemetryModule.forRoot({ logLevel: config.logLevel, role: 'gateway' }),
      ServicesInMemory,
      GatewayModule,
    ],
  };
  const app = await createHttpApp(config, root);
  await app.init();
  const instance = app.getHttpAdapter().getInstance();
  await instance.ready();
  const address = { host: '127.0.0.1', port: 0, variable: 'CHARTLY_PORT' };
  const server = await listen(instance, { side: 'public', requestTimeoutMs: config.requestTimeoutMs, ...address });
  return (server.address() as AddressInfo).port; // it listens on a port
}

const SERVERS = { bare, gateway };
type Served = keyof typeof SERVERS;

process.once('disconnect', () => process.exit(0));
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
void SERVERS[process.argv[2] as Served]().then((port) => process.send?.({ port })); // the driver names one
