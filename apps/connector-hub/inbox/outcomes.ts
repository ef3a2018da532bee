import { Injectable, BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  BatchStuck,
  PipelineTotals,
  RunBatches,
  SettleBatch,
  VersionTotals,
} from '#libs/contracts/connector-hub.contract';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { ChartlyError, Unprocessable } from '#libs/errors/errors';
import { GroupCommit } from '#libs/database/group-commit';
import { Inbox } from './inbox';
import { batchUnknown, StoredBatches } from './stored-batches';

const GROUP_MAX_OUTCOMES = 200;
const RETRY_MAX_SECONDS = 60;

/**
 * What became of the batches: the records line and the rows line of the ledger. The first outcome of a batch stands. It
 * is folded into its version's totals in the same statement, so that the totals survive the batch's row.
 */
@Injectable()
export class Outcomes implements BeforeApplicationShutdown {
  // One commit at a time: each adds to the same few rows of totals.
  private readonly commits = new GroupCommit<SettleBatch, void>((outcomes) => this.commit(outcomes), {
    items: GROUP_MAX_OUTCOMES,
    flights: 1,
  });

  constructor(
    private readonly database: DataSource,
    private readonly inbox: Inbox,
    private readonly stored: StoredBatches,
  ) {}

  /** See `ConnectorHubContract.settle`. Throws Unprocessable `batch.unbalanced`, NotFound `batch.unknown`. */
  async settle(outcome: SettleBatch): Promise<void> {
    const { batchId, produced, stored, merged, stale, duplicate } = outcome;
    if (produced !== stored + merged + stale + duplicate) {
      throw new Unprocessable(
        'batch.unbalanced',
        `Batch ${batchId} produced ${produced} rows, but ${stored} stored + ${merged} merged + ${stale} stale + ${duplicate} duplicate are ${stored + merged + stale + duplicate}.`,
      );
    }
    await this.commits.submit(outcome);
  }

  /** Keeps the reason and offers the batch again after a while that doubles with each attempt, up to a minute. */
  async reportStuck({ batchId, epoch, reason }: BatchStuck): Promise<void> {
    const [row] = await this.database.query<{ there: boolean }[]>(STUCK, [batchId, epoch, reason]);
    if (!row?.there) throw batchUnknown(batchId);
  }

  /** One statement, and so one snapshot: a batch is either pending or in the sums. */
  async totals({ project, pipeline }: PipelineName): Promise<PipelineTotals> {
    const rows = await this.database.query<(VersionTotals & { lastAcceptedAt: Date | null })[]>(TOTALS, [
      project,
      pipeline,
    ]);
    const times = rows.flatMap(({ lastAcceptedAt }) => (lastAcceptedAt ? [lastAcceptedAt.getTime()] : []));
    return {
      versions: rows.map(({ lastAcceptedAt: _summed, ...totals }) => totals),
      ...(times.length === 0 ? {} : { lastAcceptedAt: new Date(Math.max(...times)).toISOString() }),
    };
  }

  async ofRun(runId: string): Promise<RunBatches> {
    const [row] = await this.database.query<[RunBatches]>(OF_RUN, [runId]);
    return row;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.commits.drain();
  }

  private async commit(outcomes: readonly SettleBatch[]): Promise<(undefined | ChartlyError)[]> {
    const distinct = new Map<string, SettleBatch>();
    for (const outcome of outcomes) if (!distinct.has(outcome.batchId)) distinct.set(outcome.batchId, outcome);
    const given = [...distinct.values()].sort((a, b) => (a.batchId < b.batchId ? -1 : 1));
    const rows = await this.database.query<SettledRow[]>(SETTLE, [
      given.map(({ batchId }) => batchId),
      ...COUNTERS.map((counter) => given.map((outcome) => outcome[counter])),
      given.map(({ generation }) => generation ?? 0),
    ]);
    const byId = new Map(rows.map((row) => [row.batchId, row]));
    for (const { batchId, project, bytes, settledNow } of rows) {
      if (settledNow) this.inbox.settled(batchId, project, bytes);
    }
    const unknown = given.filter(({ batchId }) => !byId.has(batchId));
    const moved = new Set<string>();
    for (const { batchId } of unknown) if (await this.stored.isArchived(batchId)) moved.add(batchId);
    return outcomes.map((outcome) =>
      moved.has(outcome.batchId) ? undefined : problemOf(outcome, byId.get(outcome.batchId)),
    );
  }
}

interface SettledRow {
  readonly batchId: string;
  readonly project: string;
  readonly count: number;
  readonly bytes: number;
  readonly settledNow: boolean;
  readonly settledBefore: boolean;
  /** A replay took the batch up since: what came of it before is not asked for any more. */
  readonly reopened: boolean;
}

/** Why an outcome could not be recorded. A pending batch whose count fits was settled by somebody else meanwhile. */
function problemOf(outcome: SettleBatch, row: SettledRow | undefined): undefined | ChartlyError {
  if (!row) return batchUnknown(outcome.batchId);
  const { normalized, filtered, quarantined } = outcome;
  const sum = normalized + filtered + quarantined;
  if (row.settledNow || row.settledBefore || row.reopened || sum === row.count) return undefined;
  return new Unprocessable(
    'batch.unbalanced',
    `Batch ${outcome.batchId} has ${row.count} records, but ${normalized} normalized + ${filtered} filtered + ${quarantined} quarantined are ${sum}.`,
  );
}

export const COUNTERS = [
  'normalized',
  'filtered',
  'quarantined',
  'produced',
  'stored',
  'merged',
  'stale',
  'duplicate',
] as const;

const SETTLE = `
  WITH given AS (
    SELECT *
    FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
                $10::int[])
         AS g (batch_id, ${COUNTERS.join(', ')}, generation)
  ), settled AS (
    UPDATE connector_hub.batches b
    SET status = 'settled', settled_at = clock_timestamp(), last_error = NULL,
        payload = CASE WHEN coalesce((SELECT keep_raw_ms FROM connector_hub.sources v
                                      WHERE v.project = b.project AND v.pipeline = b.pipeline AND v.version = b.version), 1) > 0
                       THEN b.payload END,
        ${COUNTERS.map((name) => `${name} = given.${name}`).join(', ')}
    FROM given
    WHERE b.batch_id = given.batch_id AND b.status = 'pending' AND b.generation = given.generation
      AND b.count = given.normalized + given.filtered + given.quarantined
    RETURNING b.batch_id, b.project, b.pipeline, b.version, b.run_id, b.count, b.received_at,
              ${COUNTERS.map((name) => `b.${name}`).join(', ')}
  ), of_runs AS (
    INSERT INTO connector_hub.run_outcomes AS r (run_id, batches, accepted, ${COUNTERS.join(', ')})
    SELECT run_id, count(*), sum(count), ${COUNTERS.map((name) => `sum(${name})`).join(', ')}
    FROM settled
    WHERE run_id IS NOT NULL
    GROUP BY run_id
    ORDER BY run_id
    ON CONFLICT (run_id) DO UPDATE
    SET batches = r.batches + excluded.batches, accepted = r.accepted + excluded.accepted,
        ${COUNTERS.map((name) => `${name} = r.${name} + excluded.${name}`).join(', ')},
        settled_at = excluded.settled_at
  ), folded AS (
    INSERT INTO connector_hub.totals AS t
           (project, pipeline, version, accepted, ${COUNTERS.join(', ')}, last_accepted_at)
    SELECT project, pipeline, version, sum(count), ${COUNTERS.map((name) => `sum(${name})`).join(', ')}, max(received_at)
    FROM settled
    GROUP BY project, pipeline, version
    ORDER BY project, pipeline, version
    ON CONFLICT (project, pipeline, version) DO UPDATE
    SET accepted = t.accepted + excluded.accepted,
        ${COUNTERS.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')},
        last_accepted_at = greatest(t.last_accepted_at, excluded.last_accepted_at)
  )
  SELECT b.batch_id AS "batchId", b.project, b.count, b.bytes, b.generation <> given.generation AS "reopened", settled.batch_id IS NOT NULL AS "settledNow",
         b.status = 'settled' AS "settledBefore"
  FROM given
  JOIN connector_hub.batches b ON b.batch_id = given.batch_id
  LEFT JOIN settled ON settled.batch_id = given.batch_id`;

const STUCK = `
  WITH told AS (
    UPDATE connector_hub.batches
    SET last_error = $3,
        lease_until = CASE WHEN epoch = $2
          THEN clock_timestamp() + least(2 ^ least(attempts, 10), ${RETRY_MAX_SECONDS}) * interval '1 second'
          ELSE lease_until END
    WHERE batch_id = $1 AND status = 'pending' AND epoch >= $2
  )
  SELECT EXISTS (SELECT FROM connector_hub.batches WHERE batch_id = $1) AS there`;

const TOTALS = `
  WITH pending AS (
    SELECT version, sum(count) AS pending, max(received_at) AS last_accepted_at
    FROM connector_hub.batches
    WHERE project = $1 AND pipeline = $2 AND status = 'pending'
    GROUP BY version
  ), settled AS (
    SELECT * FROM connector_hub.totals WHERE project = $1 AND pipeline = $2
  ), known AS (
    SELECT version FROM connector_hub.sources WHERE project = $1 AND pipeline = $2
    UNION SELECT version FROM pending
    UNION SELECT version FROM settled
  )
  SELECT version, coalesce(settled.accepted, 0)::float8 + coalesce(pending.pending, 0)::float8 AS accepted,
         coalesce(pending.pending, 0)::float8 AS pending, coalesce(settled.superseded, 0)::float8 AS superseded,
         coalesce(settled.discarded, 0)::float8 AS discarded,
         ${COUNTERS.map((name) => `coalesce(settled.${name}, 0)::float8 AS ${name}`).join(', ')},
         greatest(settled.last_accepted_at, pending.last_accepted_at) AS "lastAcceptedAt"
  FROM known
  LEFT JOIN settled USING (version)
  LEFT JOIN pending USING (version)
  ORDER BY version`;

/** One statement, and so one snapshot: a batch is either pending or in the sums. */
const OF_RUN = `
  WITH pending AS (
    SELECT count(*)::int AS batches, coalesce(sum(count), 0)::float8 AS accepted
    FROM connector_hub.batches
    WHERE run_id = $1 AND status = 'pending'
  )
  SELECT (coalesce(r.batches, 0) + pending.batches)::int AS batches, pending.batches AS "pendingBatches",
         coalesce(r.accepted, 0)::float8 + pending.accepted AS accepted,
         ${COUNTERS.map((name) => `coalesce(r.${name}, 0)::float8 AS ${name}`).join(', ')}
  FROM pending
  LEFT JOIN connector_hub.run_outcomes r ON r.run_id = $1`;
