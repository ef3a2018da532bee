import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AmendBatch, AnnounceAmendment, WithdrawAmendment } from '#libs/contracts/amendment';
import { Conflict, Unprocessable } from '#libs/errors/errors';
import { Segments } from '../archive/segments';
import { lockBatches } from './batch-lock';

/**
 * Moves records of settled batches out of quarantine, in the books of their version. A batch is amended as the attempt
 * left it that quarantined the records: rows are announced before they are appended, and a replay waits for the
 * amendment of what is announced, so that it replaces those rows with the others.
 */
@Injectable()
export class Amendments {
  constructor(
    private readonly database: DataSource,
    private readonly segments: Segments,
  ) {}

  /** See `ConnectorHubContract.announceAmendment`. */
  async announce(intent: AnnounceAmendment): Promise<void> {
    const { amendmentId, batchId, generation, appendId } = intent;
    await this.asItIs(intent, (tx) => tx.query(ANNOUNCE, [amendmentId, batchId, generation, appendId]));
  }

  /** See `ConnectorHubContract.withdrawAmendment`. */
  async withdraw({ amendmentId }: WithdrawAmendment): Promise<void> {
    await this.database.query(CLOSE_INTENT, [amendmentId]);
  }

  /** See `ConnectorHubContract.amend`. */
  async amend(amendment: AmendBatch): Promise<void> {
    const { produced, stored, merged, stale, duplicate } = amendment;
    if (produced !== stored + merged + stale + duplicate) {
      throw new Unprocessable(
        'batch.unbalanced',
        `The amendment of batch ${amendment.batchId} produced ${produced} rows, and ${stored + merged + stale + duplicate} are accounted for.`,
      );
    }
    await this.asItIs(amendment, (tx) => this.record(tx, amendment));
  }

  private async record(tx: EntityManager, amendment: AmendBatch): Promise<void> {
    const [row] = await tx.query<{ folded: boolean }[]>(AMEND, [
      amendment.amendmentId,
      amendment.batchId,
      amendment.generation,
      amendment.project,
      amendment.pipeline,
      amendment.version,
      amendment.appendId ?? null,
      ...COUNTERS.map((counter) => amendment[counter]),
    ]);
    if (!row?.folded) {
      throw new Unprocessable(
        'batch.unbalanced',
        `Version ${amendment.version} of "${amendment.pipeline}" has fewer records in quarantine than the amendment of batch ${amendment.batchId} takes out.`,
      );
    }
    await tx.query(CLOSE_INTENT, [amendment.amendmentId]);
  }

  /** Works on a batch that stays as it is meanwhile. What is in the books already is not done again. */
  private async asItIs(
    { amendmentId, batchId, generation }: AnnounceAmendment | AmendBatch,
    work: (tx: EntityManager) => Promise<unknown>,
  ): Promise<void> {
    const archived = await this.archivedGeneration(batchId);
    await this.database.transaction(async (tx) => {
      await lockBatches(tx, [batchId]);
      const [there] = await tx.query<unknown[]>(THERE, [amendmentId]);
      if (there) return;
      const [row] = await tx.query<{ generation: number; settled: boolean }[]>(PLACE, [batchId]);
      if (row && !row.settled) throw notSettled(batchId);
      const current = row?.generation ?? archived;
      if (current !== undefined && current !== generation) throw replayed(batchId, current, generation);
      await work(tx);
    });
  }

  /** Of a batch that left the inbox, which it does minutes after it was settled; undefined when its bytes are kept no more. */
  private async archivedGeneration(batchId: string): Promise<number | undefined> {
    const [row] = await this.database.query<unknown[]>(PLACE, [batchId]);
    if (row) return undefined;
    const found = await this.segments.find(batchId);
    return found && Number(found.entry.row.generation);
  }
}

const notSettled = (batchId: string): Conflict =>
  new Conflict(
    'batch.not_settled',
    `Batch ${batchId} is not settled yet: it has just come, or a replay takes it through again. Try again when it is settled.`,
  );

const replayed = (batchId: string, current: number, generation: number): Conflict =>
  new Conflict(
    'batch.replayed',
    `A replay took batch ${batchId} through again (generation ${current}; you mean ${generation}), and decided anew about each record. Look at what it left in quarantine.`,
  );

const COUNTERS = ['normalized', 'filtered', 'discarded', 'produced', 'stored', 'merged', 'stale', 'duplicate'] as const;

const ANNOUNCE = `
  INSERT INTO connector_hub.amendment_intents (amendment_id, batch_id, generation, append_id)
  VALUES ($1, $2, $3, $4)
  ON CONFLICT (amendment_id) DO NOTHING`;

const CLOSE_INTENT = `DELETE FROM connector_hub.amendment_intents WHERE amendment_id = $1`;

const THERE = `SELECT amendment_id FROM connector_hub.amendments WHERE amendment_id = $1`;

const PLACE = `SELECT generation, status = 'settled' AS settled FROM connector_hub.batches WHERE batch_id = $1`;

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
    RETURNING *
  ), folded AS (
    UPDATE connector_hub.totals t
    SET quarantined = t.quarantined - fresh.normalized - fresh.filtered - fresh.discarded,
        ${COUNTERS.map((name) => `${name} = t.${name} + fresh.${name}`).join(', ')}
    FROM fresh
    WHERE t.project = fresh.project AND t.pipeline = fresh.pipeline AND t.version = fresh.version
    RETURNING t.version
  )
  SELECT EXISTS (SELECT FROM folded) AS folded`;
