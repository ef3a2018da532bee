import { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows that are about to be appended out of quarantine, until their amendment is in the books. */
export class ConnectorHubAmendmentIntents6 implements MigrationInterface {
  readonly name = 'ConnectorHubAmendmentIntents1770000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE connector_hub.amendment_intents (
        amendment_id uuid PRIMARY KEY,
        batch_id     uuid NOT NULL,
        generation   int NOT NULL,
        append_id    text NOT NULL,
        at           timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query(`CREATE INDEX amendment_intents_of_batch ON connector_hub.amendment_intents (batch_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE connector_hub.amendment_intents');
  }
}
