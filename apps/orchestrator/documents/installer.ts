import { Injectable, Logger } from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import { DataSource, EntityManager } from 'typeorm';
import { AnalyticsContract } from '#libs/contracts/analytics.contract';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { ObserverContract } from '#libs/contracts/observer.contract';
import { PipelineName, PipelineRef } from '#libs/contracts/pipeline-ref';
import { StorageContract } from '#libs/contracts/storage.contract';
import { ResolvedPipeline } from '#libs/documents/resolve';
import { asThisCall } from '#libs/transport/call-context';
import { Ticker } from '../runs/ticker';
import { sameRhythm } from './effects';
import { DocumentLibrary } from './library';
import { installDataset, installRollups, installSource, installSteps, watchPipeline } from './install-requests';

const ACKNOWLEDGE = `
  INSERT INTO orchestrator.installations (project, pipeline, version, service, acknowledged_at)
  VALUES ($1, $2, $3, $4, clock_timestamp())
  ON CONFLICT DO NOTHING`;

const ACKNOWLEDGED = `
  SELECT service FROM orchestrator.installations WHERE project = $1 AND pipeline = $2 AND version = $3`;

const ROW_LOCK = `
  SELECT 1 FROM orchestrator.documents WHERE project = $1 AND kind = 'Pipeline' AND name = $2 FOR UPDATE`;

/** A version is active only when all services have acknowledged it. A new rhythm is due at once; one that goes on, goes on. */
const ACTIVATE = `
  UPDATE orchestrator.documents
     SET active_version = $3,
         state = 'active',
         waiting_for = NULL,
         next_tick_at = CASE $4 WHEN 'none' THEN NULL WHEN 'same' THEN coalesce(next_tick_at, clock_timestamp()) ELSE clock_timestamp() END
   WHERE project = $1
     AND kind = 'Pipeline'
     AND name = $2
     AND latest_version = $3
     AND state = 'installing'`;

const WAIT = `
  UPDATE orchestrator.documents
     SET waiting_for = $4
   WHERE project = $1 AND kind = 'Pipeline' AND name = $2 AND latest_version = $3 AND state <> 'active'`;

/** In no order, so that a hundred which cannot be finished do not stand before one that can. */
const UNFINISHED = `
  SELECT project, name AS pipeline, state
    FROM orchestrator.documents
   WHERE kind = 'Pipeline' AND state <> 'active'
   ORDER BY random()
   LIMIT 100`;

/** Held by a session and not by a transaction: what is acknowledged is kept at once, whatever comes after. */
const LOCK = `SELECT pg_advisory_lock(hashtextextended('orchestrator.install/' || $1 || '/' || $2, 0))`;
const UNLOCK = `SELECT pg_advisory_unlock(hashtextextended('orchestrator.install/' || $1 || '/' || $2, 0))`;

const FORGET = `DELETE FROM orchestrator.documents WHERE project = $1 AND kind = 'Pipeline' AND name = $2 AND state = 'removing'`;

/** What one service has to do. */
type Errand = readonly [service: string, run: () => Promise<unknown>];

const WAITING_MAX = 1_000;

/** Installs each section of a frozen version in the service that owns it, and takes it back again. */
@Injectable()
export class Installer {
  private readonly logger = new Logger('Installer');
  /** One at a time a process, so that a few of them do not hold the connections that their services need. */
  private readonly turns = bulkhead(1, WAITING_MAX);

  constructor(
    private readonly database: DataSource,
    private readonly library: DocumentLibrary,
    private readonly ticker: Ticker,
    private readonly storage: StorageContract,
    private readonly normalizer: NormalizerContract,
    private readonly analytics: AnalyticsContract,
    private readonly observer: ObserverContract,
    private readonly hub: ConnectorHubContract,
  ) {}

  /** Whether a dataset could hold the version, before anything is written down. Additive and harmless to repeat. */
  async prepare(ref: PipelineRef, resolved: ResolvedPipeline): Promise<void> {
    await this.storage.installDataset(installDataset(ref, resolved));
  }

  /**
   * Brings the latest version to active: storage, normalizer, analytics, observer, then connector-hub, so that nothing
   * is let in before all behind it know what to do. Gives false when a service could not yet be reached.
   */
  install(name: PipelineName): Promise<boolean> {
    return this.exclusively(name, (session) => this.installLatest(name, session));
  }

  /** The reverse: nothing more is let in first. Gives false when a service could not yet be reached. */
  remove(name: PipelineName): Promise<boolean> {
    return this.exclusively(name, (session) => this.takeBack(name, session));
  }

  /** Goes on with what a crash or an absent service left unfinished. */
  async finish(): Promise<void> {
    const unfinished = await this.database.query<(PipelineName & { state: string })[]>(UNFINISHED);
    for (const { state, ...name } of unfinished) {
      if (state === 'removing') await this.remove(name);
      else await this.install(name);
    }
  }

  private async installLatest({ project, pipeline }: PipelineName, session: EntityManager): Promise<boolean> {
    const latest = await this.library.latest(project, 'Pipeline', pipeline, session);
    if (!latest?.version.resolved || latest.record.state !== 'installing') return latest?.record.state === 'active';
    const ref: PipelineRef = { project, pipeline, version: latest.version.version };
    const done = await this.acknowledged(ref, session);
    const errands = this.errands(ref, latest.version.resolved).filter(([service]) => !done.has(service));
    const acknowledge = (service: string): Promise<unknown> =>
      session.query(ACKNOWLEDGE, [project, pipeline, ref.version, service]);
    if (!(await this.runAll(ref, errands, session, acknowledge))) return false;
    await this.activate(ref, latest.version.resolved, session);
    return true;
  }

  private async takeBack({ project, pipeline }: PipelineName, session: EntityManager): Promise<boolean> {
    const latest = await this.library.latest(project, 'Pipeline', pipeline, session);
    if (latest?.record.state !== 'removing') return true;
    const ref: PipelineRef = { project, pipeline, version: latest.version.version };
    const name = { project, pipeline };
    const errands: readonly Errand[] = [
      ['connector-hub', () => this.hub.remove(name)],
      ['observer', () => this.observer.unwatch(name)],
      ['analytics', () => this.analytics.remove(name)],
      ['normalizer', () => this.normalizer.remove(name)],
    ];
    if (!(await this.runAll(ref, errands, session))) return false;
    await session.query(FORGET, [project, pipeline]);
    return true;
  }

  /** In their order, up to the first that fails; its reason is kept where a person sees it. */
  private async runAll(
    { project, pipeline, version }: PipelineRef,
    errands: readonly Errand[],
    session: EntityManager,
    acknowledge: (service: string) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<boolean> {
    for (const [service, run] of errands) {
      try {
        await run();
      } catch (thrown) {
        const reason = `${service}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
        await session.query(WAIT, [project, pipeline, version, reason]);
        this.logger.warn(`${project}/${pipeline} version ${version} waits for ${reason}`);
        return false;
      }
      await acknowledge(service);
    }
    return true;
  }

  /** Installs and removals of one pipeline never mix: the last word that a service hears is of the last version. */
  private exclusively(name: PipelineName, work: (session: EntityManager) => Promise<boolean>): Promise<boolean> {
    return this.turns.execute(asThisCall(() => this.locked(name, work)));
  }

  private async locked(
    { project, pipeline }: PipelineName,
    work: (session: EntityManager) => Promise<boolean>,
  ): Promise<boolean> {
    const session = this.database.createQueryRunner();
    try {
      await session.query(LOCK, [project, pipeline]);
      try {
        return await work(session.manager);
      } finally {
        await session.query(UNLOCK, [project, pipeline]);
      }
    } finally {
      await session.release();
    }
  }

  private errands(ref: PipelineRef, resolved: ResolvedPipeline): readonly Errand[] {
    return [
      ['storage', () => this.storage.installDataset(installDataset(ref, resolved))],
      ['normalizer', () => this.normalizer.install(installSteps(ref, resolved))],
      ['analytics', () => this.analytics.install(installRollups(ref, resolved))],
      ['observer', () => this.observer.watch(watchPipeline(ref, resolved))],
      ['connector-hub', () => this.hub.install(installSource(ref, resolved))],
    ];
  }

  private async acknowledged(
    { project, pipeline, version }: PipelineRef,
    session: EntityManager,
  ): Promise<Set<string>> {
    const rows = await session.query<{ service: string }[]>(ACKNOWLEDGED, [project, pipeline, version]);
    return new Set(rows.map(({ service }) => service));
  }

  /** Ticks that are due under the rhythm before are accounted for first: it ends here. */
  private async activate(
    { project, pipeline, version }: PipelineRef,
    { spec }: ResolvedPipeline,
    session: EntityManager,
  ): Promise<void> {
    const created = await session.transaction(async (tx) => {
      await tx.query(ROW_LOCK, [project, pipeline]);
      const id = await this.ticker.settle(tx, project, pipeline);
      const before = await this.library.latest(project, 'Pipeline', pipeline, tx);
      const active = before?.record.activeVersion ?? undefined;
      const earlier = active && (await this.library.version(project, 'Pipeline', pipeline, active, tx));
      const schedule = earlier ? earlier.resolved?.spec.schedule : undefined;
      const goesOn = spec.schedule && schedule && sameRhythm(spec.schedule, schedule);
      const rhythm = !spec.schedule || !spec.source ? 'none' : goesOn ? 'same' : 'new';
      await tx.query(ACTIVATE, [project, pipeline, version, rhythm]);
      return id;
    });
    if (created !== undefined) this.ticker.begin(created);
  }
}
