import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Document, DocumentKind, SchemaDocument } from '#libs/documents/pipeline';
import { DocumentRecord, DocumentVersion } from './document.entity';

/** A document in its latest version. */
export interface Latest {
  readonly record: DocumentRecord;
  readonly version: DocumentVersion;
}

const LATEST = `
  SELECT v.document
    FROM orchestrator.documents d
    JOIN orchestrator.document_versions v USING (project, kind, name)
   WHERE d.project = $1
     AND d.state <> 'removing'
     AND v.version = d.latest_version`;

const SCHEMA_BY_VERSION = `
  SELECT v.version
    FROM orchestrator.documents d
    JOIN orchestrator.document_versions v USING (project, kind, name)
   WHERE d.project = $1
     AND d.kind = 'Schema'
     AND d.name = $2
     AND v.version >= d.first_version
     AND (v.document->'spec'->>'version')::int = $3
   ORDER BY v.version DESC
   LIMIT 1`;

const SCHEMAS = `
  SELECT v.document
    FROM orchestrator.documents d
    JOIN orchestrator.document_versions v USING (project, kind, name)
   WHERE d.project = $1
     AND d.kind = 'Schema'
     AND d.name = $2
     AND v.version >= d.first_version
   ORDER BY v.version`;

/** The documents of all projects, by version. */
@Injectable()
export class DocumentLibrary {
  constructor(private readonly database: DataSource) {}

  /** One that is being deleted counts: its state says so. */
  async latest(
    project: string,
    kind: DocumentKind,
    name: string,
    tx = this.database.manager,
  ): Promise<Latest | undefined> {
    const record = await tx.findOneBy(DocumentRecord, { project, kind, name });
    if (!record) return undefined;
    const version = await tx.findOneByOrFail(DocumentVersion, { project, kind, name, version: record.latestVersion });
    return { record, version };
  }

  /** Every document of a project that is not being deleted, in its latest version. */
  async all(project: string, tx: EntityManager = this.database.manager): Promise<Document[]> {
    const rows = await tx.query<{ document: Document }[]>(LATEST, [project]);
    return rows.map(({ document }) => document);
  }

  /** The Schema `name@version` as it stands, whichever of its versions came last. */
  async schema(
    project: string,
    name: string,
    version: number,
    tx = this.database.manager,
  ): Promise<DocumentVersion | undefined> {
    const [row] = await tx.query<{ version: number }[]>(SCHEMA_BY_VERSION, [project, name, version]);
    return row && ((await this.version(project, 'Schema', name, row.version, tx)) ?? undefined);
  }

  /** Every version of a schema that stands. */
  async schemas(project: string, name: string, tx: EntityManager): Promise<SchemaDocument[]> {
    const rows = await tx.query<{ document: SchemaDocument }[]>(SCHEMAS, [project, name]);
    return rows.map(({ document }) => document);
  }

  /** The number of the next version. Version numbers are in ledgers and append ids, so a deletion does not reset them. */
  async nextVersion(project: string, kind: DocumentKind, name: string, tx = this.database.manager): Promise<number> {
    return ((await tx.maximum(DocumentVersion, 'version', { project, kind, name })) ?? 0) + 1;
  }

  version(
    project: string,
    kind: DocumentKind,
    name: string,
    version: number,
    tx = this.database.manager,
  ): Promise<DocumentVersion | null> {
    return tx.findOneBy(DocumentVersion, { project, kind, name, version });
  }
}
