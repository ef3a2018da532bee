import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Document, DocumentKind } from '#libs/documents/pipeline';
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
     AND v.version = d.latest_version`;

const SCHEMA_BY_VERSION = `
  SELECT document
    FROM orchestrator.document_versions
   WHERE project = $1
     AND kind = 'Schema'
     AND name = $2
     AND (document->'spec'->>'version')::int = $3
   ORDER BY version DESC
   LIMIT 1`;

/** The documents of all projects, by version. */
@Injectable()
export class DocumentLibrary {
  constructor(private readonly database: DataSource) {}

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

  /** Every document of a project, in its latest version. */
  async all(project: string, tx: EntityManager = this.database.manager): Promise<Document[]> {
    const rows = await tx.query<{ document: Document }[]>(LATEST, [project]);
    return rows.map(({ document }) => document);
  }

  /** The Schema `name@version`, which no later one replaces. */
  async schema(project: string, name: string, version: number, tx: EntityManager): Promise<Document | undefined> {
    const [row] = await tx.query<{ document: Document }[]>(SCHEMA_BY_VERSION, [project, name, version]);
    return row?.document;
  }

  version(project: string, kind: DocumentKind, name: string, version: number): Promise<DocumentVersion | null> {
    return this.database.manager.findOneBy(DocumentVersion, { project, kind, name, version });
  }
}
