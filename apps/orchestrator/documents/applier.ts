import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import { Applied, ApplyDocuments, DeleteDocument } from '#libs/contracts/orchestrator.contract';
import { Conflict, NotFound, PreconditionFailed } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';
import { DocumentRecord, DocumentVersion } from './document.entity';
import { Installer } from './installer';
import { DocumentLibrary } from './library';
import { PlannedDocument, Planner } from './planner';

/** One apply at a time a project: two that started from the same versions cannot both win. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('orchestrator.apply/' || $1, 0))`;

/** Writes versions down, and takes documents away. */
@Injectable()
export class Applier {
  constructor(
    private readonly database: DataSource,
    private readonly planner: Planner,
    private readonly library: DocumentLibrary,
    private readonly installer: Installer,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async apply({ project, text, basis }: ApplyDocuments): Promise<Applied> {
    const planned = await this.database.transaction(async (tx) => {
      await tx.query(LOCK, [project]);
      const change = await this.planner.plan(project, text, tx);
      if (basis !== undefined && basis !== change.basis) {
        throw new Conflict('plan.moved', 'A document has moved on since the plan was made. Plan again.');
      }
      for (const one of change.documents) await this.write(tx, one);
      return change.documents;
    });
    const documents = [];
    for (const { document, plan } of planned) {
      const { kind, name, digest, change, toVersion: version } = plan;
      const active = kind !== 'Pipeline' || (await this.installer.install({ project, pipeline: name }));
      documents.push({ project: document.metadata.project, kind, name, version, digest, change, active });
    }
    return { documents };
  }

  async remove({ project, kind, name, ifMatch }: DeleteDocument): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(LOCK, [project]);
      const latest = await this.library.latest(project, kind, name, tx);
      if (!latest) throw new NotFound('document.unknown', `There is no ${kind} "${name}" in project "${project}".`);
      if (ifMatch !== undefined && ifMatch !== latest.version.digest) {
        throw new PreconditionFailed('document.moved', `${kind} "${name}" has another ETag by now. Read it again.`);
      }
      await this.refuseWhenUsed(tx, project, kind, name);
      if (kind === 'Pipeline')
        await tx.update(DocumentRecord, { project, kind, name }, { state: 'removing', nextTickAt: null });
      else await tx.delete(DocumentRecord, { project, kind, name });
      await this.audit.record(tx, {
        action: 'documents.delete',
        target: `${kind}/${project}/${name}`,
        project,
        outcome: 'succeeded',
        before: latest.version.digest,
      });
    });
    if (kind === 'Pipeline') await this.installer.remove({ project, pipeline: name });
  }

  private async write(tx: EntityManager, { document, resolved, plan }: PlannedDocument): Promise<void> {
    if (plan.change === 'unchanged') return;
    const { project } = document.metadata;
    const { kind, name, toVersion, fromVersion, digest } = plan;
    if (resolved) await this.installer.prepare({ project, pipeline: name, version: toVersion }, resolved);
    const before = await this.library.latest(project, kind, name, tx);
    const version = await this.nextVersion(tx, project, kind, name, toVersion);
    await tx.insert(DocumentVersion, {
      project,
      kind,
      name,
      version,
      digest,
      document: document as object,
      resolved: (resolved ?? null) as object | null,
      appliedAt: this.clock.now(),
      appliedBy: currentCall().principal.name,
    });
    await tx.upsert(
      DocumentRecord,
      {
        project,
        kind,
        name,
        latestVersion: version,
        activeVersion: kind === 'Pipeline' ? (before?.record.activeVersion ?? null) : version,
        state: kind === 'Pipeline' ? 'installing' : 'active',
        waitingFor: null,
      },
      ['project', 'kind', 'name'],
    );
    await this.audit.record(tx, {
      action: fromVersion === undefined ? 'documents.create' : 'documents.update',
      target: `${kind}/${project}/${name}`,
      project,
      outcome: 'succeeded',
      before: before?.version.digest,
      after: digest,
    });
  }

  /** A name that was deleted and comes back goes on counting: version numbers are in ledgers and append ids. */
  private async nextVersion(
    tx: EntityManager,
    project: string,
    kind: string,
    name: string,
    planned: number,
  ): Promise<number> {
    const highest = await tx.maximum(DocumentVersion, 'version', {
      project,
      kind: kind as DocumentVersion['kind'],
      name,
    }); // from a plan
    return Math.max(planned, (highest ?? 0) + 1);
  }

  private async refuseWhenUsed(tx: EntityManager, project: string, kind: string, name: string): Promise<void> {
    if (kind === 'Pipeline') return;
    const stored = await this.library.all(project, tx);
    const users = stored
      .filter((document) => document.kind === 'Pipeline')
      .filter(({ spec }) =>
        kind === 'Connection'
          ? spec.source?.http.url.includes(`\${connection.${name}}`)
          : spec.steps.some(({ validate }) => validate?.schema.startsWith(`${name}@`)),
      )
      .map(({ metadata }) => metadata.name);
    if (users.length === 0) return;
    throw new Conflict(
      'document.in_use',
      `${kind} "${name}" is used by ${users.join(', ')}. Change or delete these first.`,
    );
  }
}
