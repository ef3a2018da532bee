import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Schedule } from '#libs/documents/pipeline';
import { RunBook } from './run-book';
import { RunEngine } from './run-engine';
import { dueTicks, nextTick } from './schedule';

const BATCH = 100;

interface Due {
  readonly project: string;
  readonly name: string;
  readonly active_version: number;
  readonly next_tick_at: Date;
  readonly now: Date;
  readonly schedule: Schedule;
}

const DUE = `
  SELECT d.project, d.name, d.active_version, d.next_tick_at, clock_timestamp() AS now,
         v.resolved->'spec'->'schedule' AS schedule
    FROM orchestrator.documents d
    JOIN orchestrator.document_versions v
      ON (v.project, v.kind, v.name, v.version) = (d.project, d.kind, d.name, d.active_version)
   WHERE d.kind = 'Pipeline'
     AND d.state = 'active'
     AND d.next_tick_at <= clock_timestamp()
   ORDER BY d.next_tick_at
   LIMIT ${BATCH}
     FOR UPDATE OF d SKIP LOCKED`;

const ADVANCE = `
  UPDATE orchestrator.documents SET next_tick_at = $3 WHERE project = $1 AND kind = 'Pipeline' AND name = $2`;

/**
 * Turns due ticks into runs. Each tick is accounted for in the book: it ran, was skipped because the run before it went
 * on, or was missed because nobody looked; ticks missed in a row stand in one line with their number.
 */
@Injectable()
export class Ticker {
  constructor(
    private readonly database: DataSource,
    private readonly book: RunBook,
    private readonly engine: RunEngine,
  ) {}

  async tick(): Promise<void> {
    const created = await this.database.transaction(async (tx) => {
      const due = await tx.query<Due[]>(DUE);
      const ids: string[] = [];
      for (const pipeline of due) {
        const id = await this.account(tx, pipeline);
        if (id !== undefined) ids.push(id);
      }
      return ids;
    });
    for (const id of created) this.engine.take(id);
  }

  private async account(tx: EntityManager, due: Due): Promise<string | undefined> {
    const { project, name: pipeline, active_version: version, schedule } = due;
    const { last, passed } = dueTicks(schedule, due.next_tick_at, due.now);
    const run = { project, pipeline, version, trigger: 'schedule' } as const;
    if (passed > 0) {
      const reason = `${passed} ticks from ${due.next_tick_at.toISOString()} on passed while nobody was there to run them`;
      await this.book.create({ ...run, state: 'missed', dueAt: due.next_tick_at, reason }, tx);
    }
    const id = await this.book.create({ ...run, state: 'queued', dueAt: last }, tx);
    if (id === undefined) {
      await this.book.create(
        { ...run, state: 'skipped', dueAt: last, reason: 'the run before it was still going on' },
        tx,
      );
    }
    await tx.query(ADVANCE, [project, pipeline, nextTick(schedule, due.now)]);
    return id;
  }
}
