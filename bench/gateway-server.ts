import 'reflect-metadata';
import fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { AuthContract } from '#libs/contracts/auth.contract';
import { OrchestratorContract, Run } from '#libs/contracts/orchestrator.contract';
import { Principal } from '#libs/contracts/principal';
import { GatewayInMemory } from '#src/gateway-in-memory.testing';

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

/** The gateway, over services in memory. */
async function gateway(): Promise<number> {
  const rate = '900000000/s'; // counted, and never reached
  const { port } = await GatewayInMemory.start({
    env: {
      CHARTLY_LIMIT_ADDRESS: rate,
      CHARTLY_LIMIT_KEY: rate,
      CHARTLY_LIMIT_USER: rate,
      CHARTLY_LIMIT_PROJECT: rate,
    },
    services: new Map<unknown, object>([
      [AuthContract, { authenticate: async () => AUTHENTICATED }],
      [OrchestratorContract, { run: async () => RUN }],
    ]),
  });
  return port;
}

const SERVERS = { bare, gateway };
type Served = keyof typeof SERVERS;

process.once('disconnect', () => process.exit(0));
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
void SERVERS[process.argv[2] as Served]().then((port) => process.send?.({ port })); // the driver names one
