import { LEASE_SECONDS } from '../inbox/insert-batches';
import { COUNTERS } from '../inbox/outcomes';

/** A replay begins at the first id of its range; ids sort by the time at which the batches came. */
export const BEGIN = `
  INSERT INTO connector_hub.replays (run_id, after_id, until_id)
  VALUES ($1, connector_hub.first_id_at($2), connector_hub.first_id_at($3))
  ON CONFLICT (run_id) DO NOTHING`;

export const STATE = `
  SELECT after_id AS "afterId", until_id AS "untilId", batches::float8 AS batches, records::float8 AS records,
         bytes::float8 AS bytes, unavailable::float8 AS unavailable,
         (extract(epoch FROM connector_hub.time_of_id(after_id)) * 1000)::float8 AS "afterMs"
  FROM connector_hub.replays
  WHERE run_id = $1`;

export const IN_FLIGHT = `
  SELECT count(*)::int AS batches, coalesce(sum(bytes), 0)::float8 AS bytes
  FROM connector_hub.batches
  WHERE run_id = $1 AND status = 'pending'`;

/** Only for who saw where it stood: of two that go on at once, one does. */
export const ADVANCE = `
  WITH advanced AS (
    UPDATE connector_hub.replays
    SET after_id = $3, batches = batches + $4, records = records + $5, bytes = bytes + $6,
        unavailable = unavailable + $7, updated_at = clock_timestamp()
    WHERE run_id = $1 AND after_id = $2
    RETURNING 1
  )
  SELECT count(*)::int AS advanced FROM advanced`;

/** Keeps the segments from leaving until the transaction ends; then what refers to them is there to be seen. */
export const HOLD_SEGMENTS = `
  SELECT segment_id FROM connector_hub.segments WHERE segment_id = ANY ($1::uuid[]) AND state = 'kept' FOR SHARE`;

/** Batches for which rows out of quarantine are announced and not in the books yet. */
export const ANNOUNCED = `
  SELECT DISTINCT batch_id AS "batchId" FROM connector_hub.amendment_intents WHERE batch_id = ANY ($1::uuid[])`;

/** Puts batches that left the inbox back to it, settled as they were; their bytes stay where they are. */
export const PUT_BACK = `
  INSERT INTO connector_hub.batches
  SELECT r.*
  FROM unnest($1::text[], $2::uuid[]) AS g (kept, segment_id),
       LATERAL jsonb_populate_record(
         NULL::connector_hub.batches, g.kept::jsonb || jsonb_build_object('segment_id', g.segment_id)) AS r
  ON CONFLICT (batch_id) DO NOTHING`;

/** Records of a batch that were retried out of quarantine or discarded belong to what it came to. */
const AMENDED = ['normalized', 'filtered', 'discarded', 'produced', 'stored', 'merged', 'stale', 'duplicate'] as const;
const cameTo = (name: (typeof COUNTERS)[number] | 'discarded'): string => {
  if (name === 'quarantined') return `-(a.normalized + a.filtered + a.discarded) AS quarantined`;
  return AMENDED.some((one) => one === name) ? `a.${name}` : `0 AS ${name}`;
};

/**
 * Makes settled batches pending again, under another version and the next generation, and takes what they came to out of
 * the totals of the version before: in every snapshot a record is accounted for once. What later amendments stored is
 * replaced with the rest.
 */
export const REOPEN = `
  WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[]) AS g (batch_id, generation, append_id)
  ), before AS (
    SELECT b.batch_id, b.generation, b.project, b.pipeline, b.version, b.count, g.append_id,
           ${COUNTERS.map((name) => `b.${name}`).join(', ')}
    FROM connector_hub.batches b
    JOIN given g ON g.batch_id = b.batch_id AND g.generation = b.generation
    WHERE b.status = 'settled'
    FOR UPDATE OF b
  ), amended AS (
    SELECT a.* FROM connector_hub.amendments a JOIN before b ON a.batch_id = b.batch_id AND a.generation = b.generation
  ), reopened AS (
    UPDATE connector_hub.batches b
    SET status = 'pending', version = $4, generation = b.generation + 1, epoch = b.epoch + 1, attempts = 1,
        lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds', last_error = NULL, settled_at = NULL,
        run_id = $5, held = NULL, reopened_at = clock_timestamp(),
        replaces = before.append_id || ARRAY(
          SELECT a.append_id FROM amended a WHERE a.batch_id = b.batch_id AND a.append_id IS NOT NULL ORDER BY a.append_id),
        ${COUNTERS.map((name) => `${name} = NULL`).join(', ')}
    FROM before
    WHERE b.batch_id = before.batch_id
    RETURNING b.batch_id, b.epoch, b.bytes
  ), came_to AS (
    SELECT project, pipeline, version, count AS accepted, 0 AS discarded, ${COUNTERS.join(', ')} FROM before
    UNION ALL
    SELECT a.project, a.pipeline, a.version, 0 AS accepted, ${cameTo('discarded')}, ${COUNTERS.map(cameTo).join(', ')}
    FROM amended a
  ), taken_back AS (
    UPDATE connector_hub.totals t
    SET accepted = t.accepted - s.accepted, superseded = t.superseded + s.stored, discarded = t.discarded - s.discarded,
        ${COUNTERS.map((name) => `${name} = t.${name} - s.${name}`).join(', ')}
    FROM (
      SELECT project, pipeline, version, sum(accepted) AS accepted, sum(discarded) AS discarded,
             ${COUNTERS.map((name) => `sum(${name}) AS ${name}`).join(', ')}
      FROM came_to
      GROUP BY project, pipeline, version
    ) AS s
    WHERE t.project = s.project AND t.pipeline = s.pipeline AND t.version = s.version
  )
  SELECT batch_id AS "batchId", epoch, bytes FROM reopened`;

/** Gives another pipeline a copy of each batch, from the row in the inbox or from the one that was kept. */
export const COPY = `
  INSERT INTO connector_hub.batches
  SELECT copy.*
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[]) AS g (batch_id, copy_id, kept, segment_id)
  LEFT JOIN connector_hub.batches original ON g.kept IS NULL AND original.batch_id = g.batch_id,
  LATERAL jsonb_populate_record(
    original,
    coalesce(g.kept::jsonb || jsonb_build_object('segment_id', g.segment_id), '{}'::jsonb)
      || jsonb_build_object(
           'batch_id', g.copy_id, 'project', $5::text, 'pipeline', $6::text, 'version', $7::int, 'run_id', $8::uuid,
           'source_id', coalesce(original.source_id, g.batch_id), 'generation', 0, 'epoch', 0, 'attempts', 1,
           'status', 'pending', 'settled_at', NULL, 'last_error', NULL, 'replaces', NULL, 'held', NULL,
           'reopened_at', clock_timestamp(),
           'lease_until', clock_timestamp() + interval '${LEASE_SECONDS} seconds',
           ${COUNTERS.map((name) => `'${name}', NULL`).join(', ')})) AS copy
  WHERE g.kept IS NOT NULL OR original.batch_id IS NOT NULL
  RETURNING batch_id AS "batchId", epoch, bytes`;
