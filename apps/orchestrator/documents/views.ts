import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DocumentPage, DocumentView, GetDocument, ListDocuments } from '#libs/contracts/orchestrator.contract';
import { DocumentKind } from '#libs/documents/pipeline';
import { BadRequest, NotFound } from '#libs/errors/errors';
import { DocumentRecord, DocumentVersion } from './document.entity';
import { DocumentLibrary } from './library';

const PAGE = 100;

const LIST = `
  SELECT d.kind, d.name
    FROM orchestrator.documents d
   WHERE d.project = $1
     AND ($2::text IS NULL OR d.kind = $2)
     AND (d.kind, d.name) > ($3, $4)
   ORDER BY d.kind, d.name
   LIMIT $5`;

/** Documents as callers see them. */
@Injectable()
export class DocumentViews {
  constructor(
    private readonly database: DataSource,
    private readonly library: DocumentLibrary,
  ) {}

  async list({ project, kind, limit = PAGE, cursor }: ListDocuments): Promise<DocumentPage> {
    const [afterKind, afterName] = cursor === undefined ? ['', ''] : readCursor(cursor);
    const rows = await this.database.query<{ kind: DocumentKind; name: string }[]>(LIST, [
      project,
      kind ?? null,
      afterKind,
      afterName,
      limit + 1,
    ]);
    const documents: DocumentView[] = [];
    const page = rows.slice(0, limit);
    for (const { kind: of, name } of page) {
      const latest = await this.library.latest(project, of, name);
      if (latest) documents.push(view(latest.record, latest.version)); // else it was deleted this very moment
    }
    const last = page.at(-1);
    return { documents, ...(rows.length > limit && last ? { next: writeCursor(last.kind, last.name) } : {}) };
  }

  async get({ project, kind, name, version }: GetDocument): Promise<DocumentView> {
    const latest = await this.library.latest(project, kind, name);
    const asked = version === undefined ? latest?.version : await this.library.version(project, kind, name, version);
    if (!latest || !asked) {
      const which = version === undefined ? '' : ` version ${version}`;
      throw new NotFound('document.unknown', `There is no ${kind} "${name}"${which} in project "${project}".`);
    }
    return view(latest.record, asked);
  }
}

function view(record: DocumentRecord, version: DocumentVersion): DocumentView {
  return {
    project: record.project,
    kind: record.kind,
    name: record.name,
    version: version.version,
    digest: version.digest,
    state: record.state,
    document: version.document,
    appliedAt: version.appliedAt.toISOString(),
    appliedBy: version.appliedBy,
    ...(record.waitingFor === null ? {} : { waitingFor: record.waitingFor }),
    ...(record.nextTickAt === null ? {} : { nextTickAt: record.nextTickAt.toISOString() }),
  };
}

const writeCursor = (kind: string, name: string): string => Buffer.from(`${kind} ${name}`).toString('base64url');

function readCursor(cursor: string): [string, string] {
  const [kind, name, ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (kind === undefined || name === undefined || rest.length > 0) {
    throw new BadRequest('cursor.malformed', 'The cursor is not one that a page before gave.');
  }
  return [kind, name];
}
