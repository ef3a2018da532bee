import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Ids } from '#libs/clock/clock';
import { DiscardQuarantined, QuarantineTask, QuarantineTaskRef, RetryQuarantined } from '#libs/contracts/quarantine';
import { NotFound } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { Versions } from '../versions';
import { Selection } from './selection';

const START = `
  INSERT INTO normalizer.quarantine_tasks (id, project, pipeline, action, version, selection, why)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

const GET = `
  SELECT id, pipeline, action, version AS "withVersion", state, normalized, filtered, failed, discarded,
         started_at AS "startedAt", ended_at AS "endedAt", waiting_for AS "waitingFor"
    FROM normalizer.quarantine_tasks
   WHERE project = $1 AND id = $2`;

interface Row extends Omit<QuarantineTask, 'withVersion' | 'startedAt' | 'endedAt' | 'waitingFor'> {
  readonly withVersion: number | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly waitingFor: string | null;
}

/** Retries and discards as they are asked for, each with its entry in the audit log; the runner carries them out. */
@Injectable()
export class QuarantineTasks {
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly database: DataSource,
    private readonly versions: Versions,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly idempotency: Idempotency,
  ) {}

  /** Throws Unprocessable `version.unknown` for a version that was never installed. */
  async retry({ withVersion, ...selection }: RetryQuarantined): Promise<QuarantineTask> {
    const before = await this.idempotency.replied<QuarantineTask>(this.database);
    if (before) return before;
    const version = await this.versions.known(selection, withVersion);
    return this.start('retry', selection, { version });
  }

  async discard({ why, ...selection }: DiscardQuarantined): Promise<QuarantineTask> {
    return this.start('discard', selection, { why });
  }

  /** Throws NotFound `quarantine.task_unknown`. */
  get(ref: QuarantineTaskRef): Promise<QuarantineTask> {
    return this.read(this.database.manager, ref);
  }

  onStart(wake: () => void): void {
    this.listeners.push(wake);
  }

  private async start(
    action: QuarantineTask['action'],
    { project, pipeline, ...rest }: Selection & { pipeline: string },
    { version, why }: { version?: number; why?: string },
  ): Promise<QuarantineTask> {
    const task = await this.database.transaction((tx) =>
      this.idempotency.once(tx, async () => {
        const id = this.ids.uuidv7();
        const values = [id, project, pipeline, action, version ?? null, JSON.stringify(rest), why ?? null];
        await tx.query(START, values);
        await this.audit.record(tx, {
          action: `quarantine.${action}`,
          target: `Pipeline/${pipeline}/quarantine/${id}`,
          project,
          outcome: 'succeeded',
          reason: why,
        });
        return this.read(tx, { project, task: id });
      }),
    );
    for (const wake of this.listeners) wake();
    return task;
  }

  private async read(tx: EntityManager, { project, task }: QuarantineTaskRef): Promise<QuarantineTask> {
    const [row] = await tx.query<Row[]>(GET, [project, task]);
    if (!row) throw new NotFound('quarantine.task_unknown', `There is no task ${task} in project "${project}".`);
    const { withVersion, startedAt, endedAt, waitingFor, ...rest } = row;
    return {
      ...rest,
      startedAt: startedAt.toISOString(),
      ...(withVersion === null ? {} : { withVersion }),
      ...(endedAt ? { endedAt: endedAt.toISOString() } : {}),
      ...(waitingFor === null ? {} : { waitingFor }),
    };
  }
}
