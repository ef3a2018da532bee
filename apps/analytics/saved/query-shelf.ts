import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { FindSavedQuery, QueryDefinition, SavedQuery, SavedQueryName, SaveQuery } from '#libs/contracts/saved-queries';
import { digestOf } from '#libs/documents/canonical';
import { NotFound, Unprocessable } from '#libs/errors/errors';

interface Kept {
  readonly name: string;
  readonly version: number;
  /** None where the query was removed. */
  readonly definition: QueryDefinition | null;
  readonly saved_at: Date;
}

const QUERIES_MAX = 1_000;

const NEWEST = `
  SELECT DISTINCT ON (name) name, version, definition, saved_at
    FROM analytics.saved_queries
   WHERE project = $1 AND ($2::text IS NULL OR name = $2)
   ORDER BY name, version DESC`;
const COUNT = `
  SELECT count(*)::int AS count
    FROM (SELECT DISTINCT ON (name) definition FROM analytics.saved_queries
           WHERE project = $1 ORDER BY name, version DESC) AS newest
   WHERE definition IS NOT NULL`;
const ONE = `
  SELECT name, version, definition, saved_at
    FROM analytics.saved_queries
   WHERE project = $1 AND name = $2 AND version = $3`;
const ADD = `
  INSERT INTO analytics.saved_queries (project, name, version, definition)
  VALUES ($1, $2, $3, $4) RETURNING name, version, definition, saved_at`;

/**
 * Saved queries by project and name, every version of them. A resource of analytics and no document: it has no part in how
 * data flows, is read while the control plane is away, and a key may be scoped to one.
 */
@Injectable()
export class QueryShelf {
  constructor(
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** Keeps a new version; the same definition again changes nothing. */
  save({ project, name, definition }: SaveQuery): Promise<SavedQuery> {
    return this.changing(project, name, async (tx, newest) => {
      if (newest?.definition && digestOf(newest.definition) === digestOf(definition)) {
        return viewOf(project, newest);
      }
      if (!newest?.definition && (await countOf(tx, project)) >= QUERIES_MAX) {
        throw new Unprocessable('query.too_many', `A project has at most ${QUERIES_MAX} saved queries.`);
      }
      const version = (newest?.version ?? 0) + 1;
      const [kept] = await tx.query<Kept[]>(ADD, [project, name, version, JSON.stringify(definition)]);
      await this.record(tx, 'queries.save', project, name, newest, digestOf(definition));
      return viewOf(project, kept!); // it was inserted
    });
  }

  /** Throws NotFound `query.unknown`. Its versions stay; saving it again counts on. */
  async remove({ project, name }: SavedQueryName): Promise<void> {
    await this.changing(project, name, async (tx, newest) => {
      if (!newest?.definition) throw unknown(project, name);
      await tx.query(ADD, [project, name, newest.version + 1, null]);
      await this.record(tx, 'queries.remove', project, name, newest, undefined);
    });
  }

  /** Throws NotFound `query.unknown`. */
  async find({ project, name, version }: FindSavedQuery): Promise<SavedQuery> {
    const [kept] = await (version === undefined
      ? this.database.query<Kept[]>(NEWEST, [project, name])
      : this.database.query<Kept[]>(ONE, [project, name, version]));
    if (!kept?.definition) throw unknown(project, name, version);
    return viewOf(project, kept);
  }

  async all(project: string): Promise<SavedQuery[]> {
    const newest = await this.database.query<Kept[]>(NEWEST, [project, null]);
    return newest.filter(({ definition }) => definition !== null).map((kept) => viewOf(project, kept));
  }

  private changing<T>(
    project: string,
    name: string,
    change: (tx: EntityManager, newest: Kept | undefined) => Promise<T>,
  ): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(
        `SELECT pg_advisory_xact_lock(hashtextextended('analytics.saved_queries/' || $1 || '/' || $2, 0))`,
        [project, name],
      );
      const [newest] = await tx.query<Kept[]>(NEWEST, [project, name]);
      return change(tx, newest);
    });
  }

  private record(
    tx: EntityManager,
    action: string,
    project: string,
    name: string,
    before: Kept | undefined,
    after: string | undefined,
  ): Promise<void> {
    return this.audit.record(tx, {
      action,
      target: `SavedQuery/${project}/${name}`,
      outcome: 'succeeded',
      project,
      ...(before?.definition ? { before: digestOf(before.definition) } : {}),
      ...(after === undefined ? {} : { after }),
    });
  }
}

/** How many queries a project has; those that were removed take no place. */
async function countOf(tx: EntityManager, project: string): Promise<number> {
  const [row] = await tx.query<{ count: number }[]>(COUNT, [project]);
  return row?.count ?? 0;
}

const viewOf = (project: string, { name, version, definition, saved_at }: Kept): SavedQuery => ({
  project,
  name,
  version,
  definition: definition ?? {},
  savedAt: saved_at.toISOString(),
});

const unknown = (project: string, name: string, version?: number): NotFound =>
  new NotFound(
    'query.unknown',
    `There is no saved query "${name}"${version === undefined ? '' : ` of version ${version}`} in project "${project}".`,
  );
