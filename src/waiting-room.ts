import { Logger } from '@nestjs/common';
import { createServer, Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { pendingMigrations, ServiceMigrations } from '#libs/database/migrations';
import { listenOn } from './listeners';
import { ChartlyConfig } from '#libs/config/config';

const POLL_MS = 500;

/**
 * Waits until the tables of `services` are there, which another process makes. Meanwhile the process is alive and not
 * ready on its internal listener, and says what it waits for. Ends early, with false, when `stop` aborts.
 */
export async function waitForMigrations(
  config: ChartlyConfig,
  services: readonly ServiceMigrations[],
  databaseUrl: string,
  stop: AbortSignal,
): Promise<boolean> {
  const logger = new Logger('Migrations');
  let waitingFor = await missing(databaseUrl, services);
  if (waitingFor.length === 0) return true;
  logger.warn(`Waiting for ${waitingFor.join(', ')}; "chartly migrate" makes the tables that are missing.`);
  const server = await waitingServer(config, () => waitingFor);
  try {
    while (waitingFor.length > 0 && !stop.aborted) {
      await setTimeout(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
      waitingFor = await missing(databaseUrl, services);
    }
    return !stop.aborted;
  } finally {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

/** What keeps the process from starting, as a person would call it. */
async function missing(url: string, services: readonly ServiceMigrations[]): Promise<string[]> {
  const database = new DataSource({ type: 'postgres', url, extra: { max: 1 } });
  try {
    await database.initialize();
    return (await pendingMigrations(database, services)).map((schema) => `migrations of ${schema}`);
  } catch {
    return ['postgres'];
  } finally {
    if (database.isInitialized) await database.destroy().catch(() => undefined);
  }
}

function waitingServer(config: ChartlyConfig, waitingFor: () => readonly string[]): Promise<Server> {
  const server = createServer((request, response) => {
    const [status, body] =
      request.url === '/health'
        ? [200, { status: 'ok' }]
        : request.url === '/ready'
          ? [503, { status: 'error', waitingFor: waitingFor() }]
          : [503, { status: 'error' }];
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
  });
  return listenOn(server, { host: config.internalHost, port: config.internalPort, variable: 'CHARTLY_INTERNAL_PORT' });
}
