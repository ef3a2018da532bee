import { MigrationInterface, QueryRunner } from 'typeorm';
import { freePort } from '#libs/net/free-port';
import { ChartlyConfig } from '#libs/config/config';
import { loadConfig } from '#libs/config/load';
import { migrate, roleOf } from '#libs/database/migrations';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { waitForMigrations } from './waiting-room';

class Init1700000000000 implements MigrationInterface {
  readonly name = 'Init1700000000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE sample.things (id int)');
  }
  async down(): Promise<void> {}
}
const SERVICES = [{ schema: 'sample', migrations: [Init1700000000000] }];

interface Answer {
  readonly status: number;
  readonly body: { readonly waitingFor?: string[] };
}

const configOnFreePort = async (): Promise<ChartlyConfig> =>
  loadConfig({ CHARTLY_INTERNAL_PORT: String(await freePort()) });

/** Asks until the waiting room listens. */
async function ask(config: ChartlyConfig, path: string): Promise<Answer> {
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${config.internalPort}${path}`);
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe('a process whose tables are not there yet', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());

  it('is alive and not ready, says what it waits for, and goes on when the tables are there', async () => {
    const config = await configOnFreePort();
    const waiting = waitForMigrations(config, SERVICES, postgres.appUrl, new AbortController().signal);
    expect(await ask(config, '/ready')).toMatchObject({ status: 503, body: { waitingFor: ['migrations of sample'] } });
    expect((await ask(config, '/health')).status).toBe(200);
    await migrate({ ownerUrl: postgres.ownerUrl, appRole: roleOf(postgres.appUrl), services: SERVICES });
    expect(await waiting).toBe(true);
    expect(await waitForMigrations(config, SERVICES, postgres.appUrl, new AbortController().signal)).toBe(true);
  });

  it('waits for a database that does not answer, and leaves at once when it is told to', async () => {
    const config = await configOnFreePort();
    const stop = new AbortController();
    const nowhere = 'postgres://app@127.0.0.1:1/chartly';
    const waiting = waitForMigrations(config, SERVICES, nowhere, stop.signal);
    expect(await ask(config, '/ready')).toMatchObject({ status: 503, body: { waitingFor: ['postgres'] } });
    stop.abort();
    expect(await waiting).toBe(false);
  });
});
