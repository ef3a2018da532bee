import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AmendBatch } from '#libs/contracts/amendment';
import { Unprocessable } from '#libs/errors/errors';

/** Moves records of settled batches out of quarantine, in the books of their version. */
@Injectable()
export class Amendments {
  constructor(private readonly database: DataSource) {}

  /** See `ConnectorHubContract.amend`. */
  async amend(amendment: AmendBatch): Promise<void> {
    const { produced, stored, merged, stale, duplicate } = amendment;
    if (produced !== stored + merged + stale + duplicate) {
      throw new Unprocessable(
        'batch.unbalanced',
        `The amendment of batch ${amendment.batchId} produced ${produced} rows, and ${stored + merged + stale + duplicate} are accounted for.`,
      );
    }
    const [row] = await this.database.query<{ there: boolean; folded: boolean }[]>(AMEND, [
      amendment.amendmentId,
      amendment.batchId,
      amendment.generation,
      amendment.project,
      amendment.pipeline,
      amendment.version,
      amendment.appendId ?? null,
      ...COUNTERS.map((counter) => amendment[counter]),
    ]);
    if (row?.there || row?.folded) return;
    const [known] = await this.database.query<{ there: boolean }[]>(THERE, [amendment.amendmentId]);
    if (known?.there) return; // the same one came at the same time and was first
    throw new Unprocessable(
      'batch.unbalanced',
      `Version ${amendment.version} of "${amendment.pipeline}" has fewer records in quarantine than the amendment of batch ${amendment.batchId} takes out.`,
    );
  }

  /** Those of the batches that are not settled yet. */
  async pendingOf(batchIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ batchId: string }[]>(PENDING, [batchIds]);
    return rows.map(({ batchId }) => batchId);
  }
}

const COUNTERS = ['normalized', 'filtered', 'discarded', 'produced', 'stored', 'merged', 'stale', 'duplicate'] as const;

/** The totals' row is locked first: two amendments of one version do not overdraw it. */
const AMEND = `
  WITH given AS (
    SELECT $1::uuid AS amendment_id, $2::uuid AS batch_id, $3::int AS generation, $4::text AS project,
           $5::text AS pipeline, $6::int AS version, $7::text AS append_id,
           ${COUNTERS.map((name, at) => `$${at + 8}::int AS ${name}`).join(', ')}
  ), open AS (
    SELECT t.project, t.pipeline, t.version
    FROM connector_hub.totals t
    JOIN given USING (project, pipeline, version)
    WHERE t.quarantined >= given.normalized + given.filtered + given.discarded
    FOR UPDATE OF t
  ), fresh AS (
    INSERT INTO connector_hub.amendments
           (amendment_id, batch_id, generation, project, pipeline, version, append_id, ${COUNTERS.join(', ')})
    SELECT given.* FROM given JOIN open USING (project, pipeline, version)
    ON CONFLICT DO NOTHING
    RETURNING *
  ), folded AS (
    UPDATE connector_hub.totals t
    SET quarantined = t.quarantined - fresh.normalized - fresh.filtered - fresh.discarded,
        ${COUNTERS.map((name) => `${name} = t.${name} + fresh.${name}`).join(', ')}
    FROM fresh
    WHERE t.project = fresh.project AND t.pipeline = fresh.pipeline AND t.version = fresh.version
    RETURNING t.version
  )
  SELECT EXISTS (SELECT FROM connector_hub.amendments WHERE amendment_id = $1) AS there,
         EXISTS (SELECT FROM folded) AS folded`;

const THERE = `SELECT EXISTS (SELECT FROM connector_hub.amendments WHERE amendment_id = $1) AS there`;

const PENDING = `
  SELECT batch_id AS "batchId" FROM connector_hub.batches WHERE batch_id = ANY ($1::uuid[]) AND status = 'pending'`;
