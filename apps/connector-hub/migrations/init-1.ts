import { MigrationInterface, QueryRunner } from 'typeorm';

/** Installed versions, the inbox, its idempotency keys, the ledger's folded totals, and the checkpoints of pulls. */
export class ConnectorHubInit1 implements MigrationInterface {
  readonly name = 'ConnectorHubInit1770000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('The inbox holds acknowledged data: its tables are not dropped by a migration.');
  }
}

const STATEMENTS = [
  `CREATE TABLE connector_hub.pipelines (
    project    text NOT NULL,
    pipeline   text NOT NULL,
    version    int NOT NULL,
    removed_at timestamptz,
    PRIMARY KEY (project, pipeline)
  )`,
  `CREATE TABLE connector_hub.sources (
    project      text NOT NULL,
    pipeline     text NOT NULL,
    version      int NOT NULL,
    source       jsonb,
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project, pipeline, version)
  )`,
  `CREATE TABLE connector_hub.batches (
    batch_id    uuid PRIMARY KEY,
    project     text NOT NULL,
    pipeline    text NOT NULL,
    version     int NOT NULL,
    generation  int NOT NULL DEFAULT 0,
    run_id      uuid,
    format      text NOT NULL,
    encoding    text NOT NULL,
    payload     bytea,
    count       int NOT NULL,
    bytes       int NOT NULL,
    sha256      bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    status      text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'settled')),
    epoch       int NOT NULL DEFAULT 0,
    attempts    int NOT NULL DEFAULT 1,
    lease_until timestamptz NOT NULL,
    last_error  text,
    settled_at  timestamptz,
    normalized  int,
    filtered    int,
    quarantined int,
    produced    int,
    stored      int,
    merged      int,
    stale       int,
    duplicate   int,
    CHECK (status = 'settled' OR payload IS NOT NULL),
    CHECK (status = 'pending' OR normalized + filtered + quarantined = count),
    CHECK (status = 'pending' OR produced = stored + merged + stale + duplicate)
  ) WITH (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02)`,
  // What is stored is compressed already.
  `ALTER TABLE connector_hub.batches ALTER COLUMN payload SET STORAGE EXTERNAL`,
  `CREATE INDEX batches_due ON connector_hub.batches (lease_until) WHERE status = 'pending'`,
  `CREATE INDEX batches_pending ON connector_hub.batches (project, pipeline, version) WHERE status = 'pending'`,
  `CREATE INDEX batches_of_run ON connector_hub.batches (run_id) WHERE run_id IS NOT NULL`,
  `CREATE INDEX batches_settled ON connector_hub.batches (settled_at) WHERE status = 'settled'`,
  `CREATE TABLE connector_hub.totals (
    project          text NOT NULL,
    pipeline         text NOT NULL,
    version          int NOT NULL,
    accepted         bigint NOT NULL,
    normalized       bigint NOT NULL,
    filtered         bigint NOT NULL,
    quarantined      bigint NOT NULL,
    produced         bigint NOT NULL,
    stored           bigint NOT NULL,
    merged           bigint NOT NULL,
    stale            bigint NOT NULL,
    duplicate        bigint NOT NULL,
    last_accepted_at timestamptz NOT NULL,
    PRIMARY KEY (project, pipeline, version)
  )`,
  `CREATE TABLE connector_hub.idempotency (
    project    text NOT NULL,
    pipeline   text NOT NULL,
    key        text NOT NULL,
    sha256     bytea NOT NULL,
    batch_id   uuid NOT NULL,
    version    int NOT NULL,
    count      int NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (project, pipeline, key)
  )`,
  `CREATE INDEX idempotency_expires ON connector_hub.idempotency (expires_at)`,
  `CREATE TABLE connector_hub.checkpoints (
    project     text NOT NULL,
    pipeline    text NOT NULL,
    epoch       int NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    state       jsonb NOT NULL DEFAULT '{}',
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (project, pipeline)
  )`,
];
