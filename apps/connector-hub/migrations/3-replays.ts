import { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each replay has come, and what it took out of the totals of the versions before. */
export class ConnectorHubReplays3 implements MigrationInterface {
  readonly name = 'ConnectorHubReplays1770000000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE connector_hub.replays');
  }
}

const STATEMENTS = [
  `CREATE TABLE connector_hub.replays (
     run_id      uuid PRIMARY KEY,
     after_id    uuid NOT NULL,
     until_id    uuid NOT NULL,
     batches     bigint NOT NULL DEFAULT 0,
     records     bigint NOT NULL DEFAULT 0,
     bytes       bigint NOT NULL DEFAULT 0,
     unavailable bigint NOT NULL DEFAULT 0,
     updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  // Rows of outcomes that a replay put others in the place of: storage's receipts still count them.
  `ALTER TABLE connector_hub.totals ADD COLUMN superseded bigint NOT NULL DEFAULT 0`,
  // A batch that is a copy of another, for another pipeline: whose raw bytes it has.
  `ALTER TABLE connector_hub.batches ADD COLUMN source_id uuid`,
];
