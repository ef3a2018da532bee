import { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTableSql } from '#libs/database/outbox';

/** Retries and discards of quarantined records, and what of a record they need to read it again. */
export class NormalizerQuarantineTasks3 implements MigrationInterface {
  readonly name = 'NormalizerQuarantineTasks1764036000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('The quarantine holds accepted data: its tables are not dropped by a migration.');
  }
}

const STATEMENTS = [
  `ALTER TABLE normalizer.quarantine
     ADD COLUMN state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'normalized', 'filtered', 'discarded')),
     ADD COLUMN format text NOT NULL DEFAULT 'ndjson',
     ADD COLUMN columns text[],
     ADD COLUMN received_at timestamptz,
     ADD COLUMN attempts int NOT NULL DEFAULT 1,
     ADD COLUMN tried_version int,
     ADD COLUMN held_by uuid,
     ADD COLUMN ended_at timestamptz,
     ADD COLUMN note text`,
  `UPDATE normalizer.quarantine SET state = 'discarded', ended_at = discarded_at WHERE discarded_at IS NOT NULL`,
  `ALTER TABLE normalizer.quarantine DROP COLUMN discarded_at`,
  `CREATE INDEX quarantine_of_project ON normalizer.quarantine (project, at DESC, batch_id DESC, index DESC)
     WHERE state = 'open'`,
  `CREATE INDEX quarantine_in_order ON normalizer.quarantine (project, pipeline, batch_id, generation, index)
     WHERE state = 'open'`,
  `CREATE INDEX quarantine_held ON normalizer.quarantine (held_by) WHERE held_by IS NOT NULL`,
  `CREATE INDEX quarantine_ended ON normalizer.quarantine (ended_at) WHERE state IN ('normalized', 'filtered')`,
  `CREATE TABLE normalizer.quarantine_tasks (
     id          uuid PRIMARY KEY,
     project     text NOT NULL,
     pipeline    text NOT NULL,
     action      text NOT NULL CHECK (action IN ('retry', 'discard')),
     version     int,
     selection   jsonb NOT NULL,
     why         text,
     state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
     after_batch uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
     after_generation int NOT NULL DEFAULT -1,
     after_index int NOT NULL DEFAULT -1,
     normalized  int NOT NULL DEFAULT 0,
     filtered    int NOT NULL DEFAULT 0,
     failed      int NOT NULL DEFAULT 0,
     discarded   int NOT NULL DEFAULT 0,
     waiting_for text,
     started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
     ended_at    timestamptz,
     lease_until timestamptz NOT NULL DEFAULT '-infinity'
   )`,
  `CREATE INDEX quarantine_tasks_due ON normalizer.quarantine_tasks (lease_until) WHERE state = 'running'`,
  `CREATE TABLE normalizer.amendments (
     id         uuid PRIMARY KEY,
     task_id    uuid NOT NULL REFERENCES normalizer.quarantine_tasks (id),
     created_at timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  `CREATE INDEX amendments_of_task ON normalizer.amendments (task_id)`,
  `CREATE TABLE normalizer.current_versions (
     project  text NOT NULL,
     pipeline text NOT NULL,
     version  int NOT NULL,
     PRIMARY KEY (project, pipeline)
   )`,
  `INSERT INTO normalizer.current_versions
     SELECT project, pipeline, max(version) FROM normalizer.versions GROUP BY project, pipeline`,
  outboxTableSql('normalizer'),
];
