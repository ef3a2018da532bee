import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Ids } from '#libs/clock/clock';
import { ApproveDrift, SourceDrift } from '#libs/contracts/drift';
import { PipelineName, PipelineRef } from '#libs/contracts/pipeline-ref';
import { Conflict, NotFound } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { Shape } from './shape';

/** A change of a source's records that somebody has to approve. */
export interface SeenDrift {
  readonly changes: readonly string[];
  /** What the records look like with it. */
  readonly fields: Shape;
}

/** What was decided about a source's drift under one version of its pipeline. */
export interface DecidedDrift {
  readonly approved: Shape;
  /** What waits for approval. */
  readonly waiting: Shape;
}

/** The drifts that wait for somebody, and those that were approved. A new version of the pipeline knows of neither. */
@Injectable()
export class Drifts {
  constructor(
    private readonly database: DataSource,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly idempotency: Idempotency,
  ) {}

  async decided({ project, pipeline, version }: PipelineRef): Promise<DecidedDrift> {
    const [row] = await this.database.query<DecidedDrift[]>(DECIDED, [project, pipeline, version]);
    return row ?? { approved: {}, waiting: {} };
  }

  /** The same again changes nothing but when it was seen. */
  async saw({ project, pipeline, version }: PipelineRef, { changes, fields }: SeenDrift): Promise<void> {
    await this.database.query(SAW, [project, pipeline, version, this.ids.uuidv7(), changes, JSON.stringify(fields)]);
  }

  /** See `ConnectorHubContract.drift`. */
  async of({ project, pipeline }: PipelineName, tx: EntityManager = this.database.manager): Promise<SourceDrift> {
    const [known] = await tx.query<unknown[]>(KNOWN, [project, pipeline]);
    if (!known) throw pipelineUnknown(pipeline);
    const [row] = await tx.query<WaitingRow[]>(WAITING, [project, pipeline]);
    return row ? { ...row, seenAt: row.seenAt.toISOString() } : { changes: [] };
  }

  /** See `ConnectorHubContract.approveDrift`. */
  approve(request: ApproveDrift): Promise<SourceDrift> {
    return this.database.transaction((tx) =>
      this.idempotency.once(tx, async () => {
        await this.approveIn(tx, request);
        return this.of(request, tx);
      }),
    );
  }

  private async approveIn(tx: EntityManager, { project, pipeline, id }: ApproveDrift): Promise<void> {
    const [row] = await tx.query<WaitingRow[]>(`${WAITING} FOR UPDATE OF d`, [project, pipeline]);
    if (!row) throw new NotFound('drift.unknown', `No drift of "${pipeline}" waits for approval.`);
    if (row.id !== id) {
      throw new Conflict(
        'drift.moved',
        `The records of "${pipeline}" have changed further since you looked. Look at the drift again, then approve it.`,
      );
    }
    await tx.query(APPROVE, [project, pipeline]);
    await this.audit.record(tx, {
      action: 'drift.approve',
      target: `Pipeline/${pipeline}`,
      project,
      outcome: 'succeeded',
      reason: row.changes.join('; ').slice(0, REASON_MAX),
    });
  }
}

const REASON_MAX = 1_000;

interface WaitingRow extends Required<Omit<SourceDrift, 'seenAt'>> {
  readonly seenAt: Date;
}

const pipelineUnknown = (pipeline: string): NotFound =>
  new NotFound('pipeline.unknown', `There is no pipeline "${pipeline}" here. Apply it first.`);

const KNOWN = `SELECT pipeline FROM connector_hub.pipelines WHERE project = $1 AND pipeline = $2 AND removed_at IS NULL`;

const DECIDED = `
  SELECT approved, CASE WHEN id IS NULL THEN '{}' ELSE fields END AS waiting
  FROM connector_hub.drifts
  WHERE project = $1 AND pipeline = $2 AND version = $3`;

const SAW = `
  INSERT INTO connector_hub.drifts AS d (project, pipeline, version, id, changes, fields, seen_at)
  VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
  ON CONFLICT (project, pipeline) DO UPDATE
  SET version = excluded.version, changes = excluded.changes, fields = excluded.fields, seen_at = excluded.seen_at,
      id = CASE WHEN d.version = excluded.version AND d.changes = excluded.changes THEN coalesce(d.id, excluded.id)
                ELSE excluded.id END,
      approved = CASE WHEN d.version = excluded.version THEN d.approved ELSE '{}' END`;

const WAITING = `
  SELECT d.id, d.version, d.changes, d.seen_at AS "seenAt"
  FROM connector_hub.drifts d
  JOIN connector_hub.pipelines p USING (project, pipeline, version)
  WHERE d.project = $1 AND d.pipeline = $2 AND d.id IS NOT NULL`;

const APPROVE = `
  UPDATE connector_hub.drifts
  SET id = NULL, approved = fields, changes = '{}', fields = '{}'
  WHERE project = $1 AND pipeline = $2`;
