import { EntityManager } from 'typeorm';

/**
 * Keeps others from reopening these batches, or from amending what they came to, until the transaction ends. By advisory
 * locks, since a batch that left the inbox has no row to lock; in the order of their ids, so that nobody waits for ever.
 */
export async function lockBatches(tx: EntityManager, batchIds: readonly string[]): Promise<void> {
  await tx.query(LOCK, [[...batchIds].sort()]);
}

const LOCK = `
  SELECT pg_advisory_xact_lock(hashtextextended('connector_hub.batch/' || id, 0))
  FROM unnest($1::text[]) WITH ORDINALITY AS g (id, place)
  ORDER BY place`;
