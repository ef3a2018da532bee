import { EntityManager } from 'typeorm';
import { NotFound } from '#libs/errors/errors';

const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('archive/' || $1, 0))`;
const GOING = `
  SELECT 1 FROM storage.archive_work
   WHERE archive = $1 AND kind = 'archive' AND state IN ('removing', 'removed')`;

/** What is decided about one archive is decided one after the other, until the caller's transaction ends. */
export async function lockArchive(tx: EntityManager, archive: string): Promise<void> {
  await tx.query(LOCK, [archive]);
}

/** Throws NotFound `archive.unknown` once an archive is to go. Call it under {@link lockArchive}. */
export async function assertStays(tx: EntityManager, archive: string): Promise<void> {
  const [going] = await tx.query<unknown[]>(GOING, [archive]);
  if (going) throw new NotFound('archive.unknown', `Archive ${archive} was deleted.`);
}
