import { MigrationInterface, QueryRunner } from 'typeorm';

/** What became of records after their batch was settled: retried out of quarantine, or discarded. */
export class ConnectorHubAmendments4 implements MigrationInterface {
  readonly name = 'ConnectorHubAmendments1770000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE connector_hub.totals ADD COLUMN discarded bigint NOT NULL DEFAULT 0`);
    await runner.query(`
      CREATE TABLE connector_hub.amendments (
        amendment_id uuid PRIMARY KEY,
        batch_id     uuid NOT NULL,
        generation   int NOT NULL,
        project      text NOT NULL,
        pipeline     text NOT NULL,
        version      int NOT NULL,
        append_id    text,
        normalized   int NOT NULL,
        filtered     int NOT NULL,
        discarded    int NOT NULL,
        produced     int NOT NULL,
        stored       int NOT NULL,
        merged       int NOT NULL,
        stale        int NOT NULL,
        duplicate    int NOT NULL,
        at           timestamptz NOT NULL DEFAULT clock_timestamp(),
        CHECK (produced = stored + merged + stale + duplicate)
      )`);
    await runner.query(`CREATE INDEX amendments_of_batch ON connector_hub.amendments (batch_id, generation)`);
  }

  async down(): Promise<void> {
    throw new Error('The ledger rests on amendments: they are not dropped by a migration.');
  }
}
