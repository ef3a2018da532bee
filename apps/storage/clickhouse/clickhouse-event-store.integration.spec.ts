import { clickHouseMissing, startTestClickHouse, TestClickHouse } from '#libs/testing/clickhouse';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { Engine } from '../conformance/trial.conformance';
import { conformsAsEventStore } from '../event-store.conformance';
import { storageMigrations } from '../storage.migrations';
import { ClickHouseEventStore } from './clickhouse-event-store';

const missing = clickHouseMissing();

(missing === undefined ? describe : describe.skip)(
  `events in ClickHouse${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let server: TestClickHouse;
    let database: TestDatabase;
    let engine: Engine;

    beforeAll(async () => {
      [server, database] = await Promise.all([startTestClickHouse(), openTestDatabase([storageMigrations])]);
      const open = (): ClickHouseEventStore => new ClickHouseEventStore({ url: server.url }, database.dataSource);
      let store = open();
      engine = {
        store: () => store,
        reopen: async () => {
          await store.close();
          store = open();
        },
        close: () => store.close(),
      };
    });

    afterAll(async () => {
      await engine?.close();
      await database?.stop();
      await server?.stop();
    });

    conformsAsEventStore(() => engine);
  },
);
