import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { Schedule } from '#libs/documents/schedule';
import { RunBook } from './run-book';
import { RunEngine } from './run-engine';
import { COUNT_MAX, DueTicks, dueTicks, nextTick } from './schedule';

const BATCH = 100;

interface Due {
  readonly project: string;
  readonly name: string;
  readonly active_version: number;
  readonly next_tick_at: Date;
  readonly now: Date;
  readonly schedule: Schedule;
}

const DUE_NAMES = `
  SELECT project, name
    FROM orchestrator.documents
   WHERE next_tick_at <= clock_timestamp()
     AND kind = 'Pipeline'
     AND active_version IS NOT NULL
     AND state <> 'removing'
   ORDER BY next_tick_at
   LIMIT ${BATCH}`;

/** A pipeline whose next version waits for a service ticks on in the version that it has. */
const DUE = `
  SELECT d.project, d.name, d.active_version, d.next_tick_at, clock_timestamp() AS now,
         v.resolved->'spec'->'schedule' AS schedule
    FROM orchestrator.documents d
    JOIN orchestrator.document_versions v
      ON (v.project, v.kind, v.name, v.version) = (d.project, d.kind, d.name, d.active_version)
   WHERE d.project = $1
     AND d.kind = 'Pipeline'
     AND d.name = $2
     AND d.state <> 'removing'
     AND d.next_tick_at <= clock_timestamp()
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

  /** Each pipeline by itself: one that fails keeps no other from its tick. */
  async tick(): Promise<void> {
    const due = await this.database.query<Pick<Due, 'project' | 'name'>[]>(DUE_NAMES);
    const failures: unknown[] = [];
    for (const { project, name } of due) {
      try {
        const id = await this.database.transaction((tx) => this.settle(tx, project, name));
        if (id !== undefined) this.begin(id);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} pipelines could not tick.`);
  }

  /** Accounts for the ticks of one pipeline that are due, in the caller's transaction; gives the run that they began. */
  async settle(tx: EntityManager, project: string, pipeline: string): Promise<string | undefined> {
    const [due] = await tx.query<Due[]>(DUE, [project, pipeline]);
    return due && this.account(tx, due);
  }

  /** Takes a run in hand, once the transaction that wrote it down is through. */
  begin(id: string): void {
    this.engine.take(id);
  }

  private async account(tx: EntityManager, due: Due): Promise<string | undefined> {
    const { project, name: pipeline, active_version: version, schedule } = due;
    const { last, passed } = dueTicks(schedule, due.next_tick_at, due.now);
    const run = { project, pipeline, version, trigger: 'schedule' } as const;
    if (passed > 0) {
      const reason = missedReason({ last, passed }, due.next_tick_at);
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

/** Ticks missed in a row stand in one line: how many they were, from which on, and which one ran in their stead. */
function missedReason({ last, passed }: DueTicks, from: Date): string {
  const many = passed >= COUNT_MAX ? `at least ${COUNT_MAX} ticks` : passed === 1 ? '1 tick' : `${passed} ticks`;
  return `${many} from ${from.toISOString()} to before ${last.toISOString()} passed while nobody was there to run them`;
}
