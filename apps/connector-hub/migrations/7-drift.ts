import { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTableSql } from '#libs/database/outbox';

/** What somebody has to look at before a source's records are taken as they are now, and batches that are held for it. */
export class ConnectorHubDrift7 implements MigrationInterface {
  readonly name = 'ConnectorHubDrift1770000000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('Batches that were held for a drift would become rows without it: it is not taken away.');
  }
}

const STATEMENTS = [
  `CREATE TABLE connector_hub.drifts (
     project  text NOT NULL,
     pipeline text NOT NULL,
     version  int NOT NULL,
     -- Of what waits for approval; null when nothing does.
     id       uuid,
     changes  text[] NOT NULL DEFAULT '{}',
     fields   jsonb NOT NULL DEFAULT '{}',
     seen_at  timestamptz,
     approved jsonb NOT NULL DEFAULT '{}',
     PRIMARY KEY (project, pipeline)
   )`,
  // Why the records of a batch go to quarantine as they are.
  `ALTER TABLE connector_hub.batches ADD COLUMN held text`,
  outboxTableSql('connector_hub'),
];
