import { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Batches lie in partitions by the hour of their id (UUIDv7 sorts by time), so that an hour is dropped as a whole when
 * all of it has been moved to the object store. What was there before becomes the first partition as it is.
 *
 * The services' role owns no table: it makes and drops partitions through two functions of the owner.
 */
export class ConnectorHubPartitions2 implements MigrationInterface {
  readonly name = 'ConnectorHubPartitions1770000000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('The inbox holds acknowledged data: its partitions are not taken apart by a migration.');
  }
}

const STATEMENTS = [
  `ALTER TABLE connector_hub.sources ADD COLUMN keep_raw_ms bigint NOT NULL DEFAULT 604800000`,
  `ALTER TABLE connector_hub.batches
     ADD COLUMN segment_id uuid,
     ADD COLUMN replaces text[],
     ADD COLUMN reopened_at timestamptz`,
  // Named by Postgres when the table was made: the one that wants a payload of what is pending.
  `ALTER TABLE connector_hub.batches DROP CONSTRAINT batches_check`,
  `ALTER TABLE connector_hub.batches
     ADD CONSTRAINT batches_have_raw CHECK (status = 'settled' OR payload IS NOT NULL OR segment_id IS NOT NULL)`,
  `ALTER TABLE connector_hub.batches RENAME TO batches_before`,
  `DROP INDEX connector_hub.batches_settled`,
  ...['due', 'pending', 'of_run'].map(
    (name) => `ALTER INDEX connector_hub.batches_${name} RENAME TO batches_before_${name}`,
  ),
  `ALTER INDEX connector_hub.batches_pkey RENAME TO batches_before_pkey`,
  `CREATE TABLE connector_hub.batches (
     LIKE connector_hub.batches_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE
   ) PARTITION BY RANGE (batch_id)`,
  `ALTER TABLE connector_hub.batches ADD PRIMARY KEY (batch_id)`,
  `CREATE INDEX batches_due ON connector_hub.batches (lease_until) WHERE status = 'pending'`,
  `CREATE INDEX batches_pending ON connector_hub.batches (project, pipeline, version) WHERE status = 'pending'`,
  `CREATE INDEX batches_of_run ON connector_hub.batches (run_id) WHERE run_id IS NOT NULL`,
  `CREATE INDEX batches_settled ON connector_hub.batches (project, pipeline, batch_id) WHERE status = 'settled'`,
  `CREATE INDEX batches_of_segment ON connector_hub.batches (segment_id) WHERE segment_id IS NOT NULL`,

  `CREATE FUNCTION connector_hub.first_id_at(at timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
     SELECT rpad(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
   $$`,
  `CREATE FUNCTION connector_hub.time_of_id(id uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
     SELECT to_timestamp(('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint / 1000.0)
   $$`,
  `DO $$
   DECLARE newest uuid;
   BEGIN
     SELECT batch_id INTO newest FROM connector_hub.batches_before ORDER BY batch_id DESC LIMIT 1;
     EXECUTE format(
       'ALTER TABLE connector_hub.batches ATTACH PARTITION connector_hub.batches_before FOR VALUES FROM (MINVALUE) TO (%L)',
       connector_hub.first_id_at(
         date_trunc('hour', greatest(clock_timestamp(), connector_hub.time_of_id(newest)), 'UTC') + interval '1 hour'));
   END $$`,
  // Ids of clocks that are far off, and batches that a replay took out of their segment.
  `CREATE TABLE connector_hub.batches_other PARTITION OF connector_hub.batches DEFAULT`,

  // An hour's table is made beside the inbox and attached, which lets batches come and go meanwhile.
  `CREATE FUNCTION connector_hub.make_partition(hour timestamptz) RETURNS boolean
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
   DECLARE
     start_at timestamptz := date_trunc('hour', hour, 'UTC');
     name text := 'batches_' || to_char(start_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24');
   BEGIN
     IF hour NOT BETWEEN clock_timestamp() - interval '2 hours' AND clock_timestamp() + interval '48 hours' THEN
       RAISE EXCEPTION 'no partition is made for %', hour;
     END IF;
     PERFORM pg_advisory_xact_lock(hashtextextended('connector_hub.partitions', 0));
     IF to_regclass('connector_hub.' || name) IS NOT NULL THEN RETURN false; END IF;
     EXECUTE format(
       'CREATE TABLE connector_hub.%I (LIKE connector_hub.batches INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)
        WITH (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02,
              autovacuum_vacuum_insert_scale_factor = 0.5)', name);
     EXECUTE format(
       'ALTER TABLE connector_hub.batches ATTACH PARTITION connector_hub.%I FOR VALUES FROM (%L) TO (%L)',
       name, connector_hub.first_id_at(start_at), connector_hub.first_id_at(start_at + interval '1 hour'));
     RETURN true;
   EXCEPTION
     -- The hour of the first partition, or one whose batches came before its table: they lie elsewhere and well.
     WHEN invalid_object_definition OR check_violation THEN RETURN false;
   END $$`,
  `CREATE FUNCTION connector_hub.drop_empty_partitions(before timestamptz) RETURNS int
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
   DECLARE
     part record;
     occupied boolean;
     dropped int := 0;
   BEGIN
     FOR part IN
       SELECT c.relname AS name
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = to_regclass('connector_hub.batches')
         AND (c.relname = 'batches_before'
              OR c.relname ~ '^batches_[0-9]{10}$'
                 AND c.relname < 'batches_' || to_char(before AT TIME ZONE 'UTC' - interval '1 hour', 'YYYYMMDDHH24'))
       ORDER BY c.relname
     LOOP
       IF part.name = 'batches_before' AND (
         SELECT pg_get_expr(relpartbound, oid) NOT LIKE '%MINVALUE%'
                OR connector_hub.time_of_id((regexp_match(pg_get_expr(relpartbound, oid), 'TO \\(''([0-9a-f-]+)''\\)'))[1]::uuid) > before
         FROM pg_class WHERE oid = to_regclass('connector_hub.batches_before'))
       THEN CONTINUE; END IF;
       EXECUTE format('SELECT EXISTS (SELECT FROM connector_hub.%I)', part.name) INTO occupied;
       IF occupied THEN CONTINUE; END IF;
       LOCK TABLE connector_hub.batches IN ACCESS EXCLUSIVE MODE;
       EXECUTE format('SELECT EXISTS (SELECT FROM connector_hub.%I)', part.name) INTO occupied;
       IF occupied THEN RETURN dropped; END IF;
       EXECUTE format('DROP TABLE connector_hub.%I', part.name);
       dropped := dropped + 1;
       EXIT; -- one at a time: the lock is held to the end of the transaction
     END LOOP;
     RETURN dropped;
   END $$`,
  `DO $$ BEGIN
     PERFORM connector_hub.make_partition(clock_timestamp() + make_interval(hours => ahead)) FROM generate_series(0, 3) ahead;
   END $$`,

  // Raw batches that were moved to the object store, many to an object, for as long as their pipeline keeps them.
  `CREATE TABLE connector_hub.segments (
     segment_id   uuid PRIMARY KEY,
     project      text NOT NULL,
     pipeline     text NOT NULL,
     state        text NOT NULL CHECK (state IN ('writing', 'kept', 'leaving')),
     object_key   text NOT NULL,
     first_id     uuid NOT NULL,
     last_id      uuid NOT NULL,
     hour         timestamptz NOT NULL,
     batches      int NOT NULL,
     records      bigint NOT NULL,
     raw_bytes    bigint NOT NULL,
     object_bytes bigint,
     index_offset bigint,
     index_bytes  int,
     index_sha256 bytea,
     written_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
     CHECK (state <> 'kept' OR object_bytes IS NOT NULL AND index_sha256 IS NOT NULL)
   )`,
  `CREATE INDEX segments_by_id ON connector_hub.segments (hour, first_id) WHERE state = 'kept'`,
  `CREATE INDEX segments_of_pipeline ON connector_hub.segments (project, pipeline, first_id)`,

  // What became of the batches of a run, so that it is known when the batches themselves are gone.
  `CREATE TABLE connector_hub.run_outcomes (
     run_id      uuid PRIMARY KEY,
     batches     bigint NOT NULL,
     accepted    bigint NOT NULL,
     normalized  bigint NOT NULL,
     filtered    bigint NOT NULL,
     quarantined bigint NOT NULL,
     produced    bigint NOT NULL,
     stored      bigint NOT NULL,
     merged      bigint NOT NULL,
     stale       bigint NOT NULL,
     duplicate   bigint NOT NULL,
     settled_at  timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  `CREATE INDEX run_outcomes_settled ON connector_hub.run_outcomes (settled_at)`,
  `INSERT INTO connector_hub.run_outcomes
     (run_id, batches, accepted, normalized, filtered, quarantined, produced, stored, merged, stale, duplicate)
   SELECT run_id, count(*), sum(count), sum(normalized), sum(filtered), sum(quarantined), sum(produced), sum(stored),
          sum(merged), sum(stale), sum(duplicate)
   FROM connector_hub.batches
   WHERE run_id IS NOT NULL AND status = 'settled'
   GROUP BY run_id`,
];
