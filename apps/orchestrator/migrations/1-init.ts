import { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTableSql } from '#libs/database/outbox';

const STATEMENTS = [
  `CREATE TABLE orchestrator.documents (
     project        text NOT NULL,
     kind           text NOT NULL,
     name           text NOT NULL,
     latest_version int NOT NULL,
     active_version int,
     state          text NOT NULL,
     waiting_for    text,
     next_tick_at   timestamptz,
     PRIMARY KEY (project, kind, name)
   )`,
  `CREATE INDEX documents_due ON orchestrator.documents (next_tick_at) WHERE next_tick_at IS NOT NULL`,
  `CREATE TABLE orchestrator.document_versions (
     project    text NOT NULL,
     kind       text NOT NULL,
     name       text NOT NULL,
     version    int NOT NULL,
     digest     text NOT NULL,
     document   jsonb NOT NULL,
     resolved   jsonb,
     applied_at timestamptz NOT NULL,
     applied_by text NOT NULL,
     PRIMARY KEY (project, kind, name, version)
   )`,
  `CREATE TABLE orchestrator.installations (
     project         text NOT NULL,
     pipeline        text NOT NULL,
     version         int NOT NULL,
     service         text NOT NULL,
     acknowledged_at timestamptz NOT NULL,
     PRIMARY KEY (project, pipeline, version, service)
   )`,
  `CREATE TABLE orchestrator.runs (
     id               uuid PRIMARY KEY,
     project          text NOT NULL,
     pipeline         text NOT NULL,
     version          int NOT NULL,
     state            text NOT NULL,
     trigger          text NOT NULL,
     due_at           timestamptz,
     created_at       timestamptz NOT NULL,
     started_at       timestamptz,
     ended_at         timestamptz,
     reason           text,
     cancel_requested boolean NOT NULL DEFAULT false,
     epoch            int NOT NULL DEFAULT 0,
     lease_until      timestamptz,
     wake_at          timestamptz,
     steps            jsonb NOT NULL
   )`,
  `CREATE UNIQUE INDEX runs_one_at_a_time ON orchestrator.runs (project, pipeline) WHERE state IN ('queued', 'running')`,
  `CREATE INDEX runs_newest ON orchestrator.runs (project, created_at DESC, id DESC)`,
  `CREATE INDEX runs_open ON orchestrator.runs (wake_at) WHERE state IN ('queued', 'running')`,
  outboxTableSql('orchestrator'),
];

export class OrchestratorInit1 implements MigrationInterface {
  readonly name = 'OrchestratorInit1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA orchestrator CASCADE');
  }
}
