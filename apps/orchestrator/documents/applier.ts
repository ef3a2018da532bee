import { Injectable } from '@nestjs/common';
import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import {
  Applied,
  AppliedDocument,
  ApplyDocuments,
  DeleteDocument,
  DocumentPlan,
} from '#libs/contracts/orchestrator.contract';
import { Conflict, NotFound, PreconditionFailed, Unavailable } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { asThisCall, currentCall } from '#libs/transport/call-context';
import { DocumentRecord, DocumentVersion } from './document.entity';
import { Installer } from './installer';
import { DocumentLibrary } from './library';
import { PlannedDocument, Planner } from './planner';
import { pullsFrom, validatesAgainst } from './references';

/** One apply at a time a project: two that started from the same versions cannot both win. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('orchestrator.apply/' || $1, 0))`;

const CANCEL_RUNS = `
  UPDATE orchestrator.runs
     SET cancel_requested = true, wake_at = NULL
   WHERE project = $1 AND pipeline = $2 AND state IN ('queued', 'running')`;

const WAITING_MAX = 100;
const RETRY_AFTER_MS = 2_000;

/** Writes versions down, and takes documents away. */
@Injectable()
export class Applier {
  private readonly turns = bulkhead(1, WAITING_MAX);

  constructor(
    private readonly database: DataSource,
    private readonly planner: Planner,
    private readonly library: DocumentLibrary,
    private readonly installer: Installer,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly idempotency: Idempotency,
  ) {}

  async apply({ project, text, basis }: ApplyDocuments): Promise<Applied> {
    const { written } = await this.inTurn(project, (tx) =>
      this.idempotency.once(tx, async () => {
        const change = await this.planner.plan(project, text, tx);
        if (basis !== undefined && basis !== change.basis) {
          throw new Conflict(
            'plan.moved',
            'A document has moved on since the plan was made, or the text is another one. Plan again.',
          );
        }
        for (const one of change.documents) await this.write(tx, one);
        return { written: change.documents.map(({ document, plan }) => writtenOf(document.metadata.project, plan)) };
      }),
    );
    const documents: AppliedDocument[] = [];
    for (const one of written) {
      const active = one.kind !== 'Pipeline' || (await this.installer.install({ project, pipeline: one.name }));
      documents.push({ ...one, active });
    }
    return { documents };
  }

  async remove({ project, kind, name, ifMatch }: DeleteDocument): Promise<void> {
    await this.inTurn(project, async (tx) => {
      const latest = await this.library.latest(project, kind, name, tx);
      if (!latest) throw new NotFound('document.unknown', `There is no ${kind} "${name}" in project "${project}".`);
      if (ifMatch !== undefined && ifMatch !== latest.version.digest) {
        throw new PreconditionFailed('document.moved', `${kind} "${name}" has another ETag by now. Read it again.`);
      }
      if (latest.record.state === 'removing') return; // what was begun only has to be finished
      await this.refuseWhenUsed(tx, project, kind, name);
      if (kind === 'Pipeline') {
        await tx.update(DocumentRecord, { project, kind, name }, { state: 'removing', nextTickAt: null });
        await tx.query(CANCEL_RUNS, [project, name]);
      } else await tx.delete(DocumentRecord, { project, kind, name });
      await this.audit.record(tx, {
        action: 'documents.delete',
        target: `${kind}/${project}/${name}`,
        project,
        outcome: 'succeeded',
        before: latest.version.digest,
      });
    });
    if (kind === 'Pipeline' && !(await this.installer.remove({ project, pipeline: name }))) {
      const left = await this.library.latest(project, kind, name);
      throw new Unavailable(
        'document.removing',
        `Pipeline "${name}" is being deleted and waits for ${left?.record.waitingFor ?? 'its turn'}. It goes on by itself.`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
  }

  /** Those that wait for their turn in this process hold no connection, which the one before them may need. */
  private async inTurn<T>(project: string, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.turns.execute(
        asThisCall(() =>
          this.database.transaction(async (tx) => {
            await tx.query(LOCK, [project]);
            return work(tx);
          }),
        ),
      );
    } catch (thrown) {
      if (!(thrown instanceof BulkheadRejectedError)) throw thrown;
      throw new Unavailable('apply.busy', 'Too many documents are being applied at once. Try again shortly.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
  }

  private async write(tx: EntityManager, { document, resolved, plan }: PlannedDocument): Promise<void> {
    if (plan.change === 'unchanged') return;
    const { project } = document.metadata;
    const { kind, name, toVersion: version, fromVersion, digest } = plan;
    const before = await this.library.latest(project, kind, name, tx);
    if (before?.record.state === 'removing') {
      throw new Unavailable('document.removing', `${kind} "${name}" is still being deleted. Try again shortly.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    if (resolved) await this.installer.prepare({ project, pipeline: name, version }, resolved);
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
        firstVersion: before?.record.firstVersion ?? version,
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

  private async refuseWhenUsed(tx: EntityManager, project: string, kind: string, name: string): Promise<void> {
    if (kind === 'Pipeline') return;
    const stored = await this.library.all(project, tx);
    const users = stored
      .filter((document) => document.kind === 'Pipeline')
      .filter((pipeline) => (kind === 'Connection' ? pullsFrom(pipeline, name) : validatesAgainst(pipeline, name)))
      .map(({ metadata }) => metadata.name);
    if (users.length === 0) return;
    throw new Conflict(
      'document.in_use',
      `${kind} "${name}" is used by ${users.join(', ')}. Change or delete these first.`,
    );
  }
}

const writtenOf = (
  project: string,
  { kind, name, digest, change, toVersion: version }: DocumentPlan,
): Omit<AppliedDocument, 'active'> => ({ project, kind, name, version, digest, change });
