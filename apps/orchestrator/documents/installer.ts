import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AnalyticsContract } from '#libs/contracts/analytics.contract';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { ObserverContract } from '#libs/contracts/observer.contract';
import { PipelineName, PipelineRef } from '#libs/contracts/pipeline-ref';
import { StorageContract } from '#libs/contracts/storage.contract';
import { ResolvedPipeline } from '#libs/documents/resolve';
import { DocumentLibrary, Latest } from './library';
import { installDataset, installRollups, installSource, installSteps, watchPipeline } from './install-requests';

const ACKNOWLEDGE = `
  INSERT INTO orchestrator.installations (project, pipeline, version, service, acknowledged_at)
  VALUES ($1, $2, $3, $4, clock_timestamp())
  ON CONFLICT DO NOTHING`;

const ACKNOWLEDGED = `
  SELECT service FROM orchestrator.installations WHERE project = $1 AND pipeline = $2 AND version = $3`;

/** A version is active only when all services have acknowledged it; a scheduled pipeline is then due at once. */
const ACTIVATE = `
  UPDATE orchestrator.documents
     SET active_version = $3,
         state = 'active',
         waiting_for = NULL,
         next_tick_at = CASE WHEN $4 THEN clock_timestamp() END
   WHERE project = $1
     AND kind = 'Pipeline'
     AND name = $2
     AND latest_version = $3
     AND state = 'installing'
  RETURNING 1`;

const WAIT = `
  UPDATE orchestrator.documents
     SET waiting_for = $4
   WHERE project = $1 AND kind = 'Pipeline' AND name = $2 AND latest_version = $3 AND state = 'installing'`;

const UNFINISHED = `
  SELECT project, name, state FROM orchestrator.documents WHERE kind = 'Pipeline' AND state <> 'active' LIMIT 100`;

const FORGET = `DELETE FROM orchestrator.documents WHERE project = $1 AND kind = 'Pipeline' AND name = $2 AND state = 'removing'`;

type InstallStep = readonly [service: string, install: () => Promise<unknown>];

/** Installs each section of a frozen version in the service that owns it, and takes it back again. */
@Injectable()
export class Installer {
  private readonly logger = new Logger('Installer');

  constructor(
    private readonly database: DataSource,
    private readonly library: DocumentLibrary,
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
  async install({ project, pipeline }: PipelineName): Promise<boolean> {
    const latest = await this.library.latest(project, 'Pipeline', pipeline);
    if (!latest?.version.resolved || latest.record.state !== 'installing') return latest?.record.state === 'active';
    const ref: PipelineRef = { project, pipeline, version: latest.version.version };
    const done = await this.acknowledged(ref);
    for (const [service, install] of this.steps(ref, latest.version.resolved)) {
      if (done.has(service)) continue;
      try {
        await install();
        await this.database.query(ACKNOWLEDGE, [project, pipeline, ref.version, service]);
      } catch (thrown) {
        const reason = `${service}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
        await this.database.query(WAIT, [project, pipeline, ref.version, reason]);
        this.logger.warn(`${project}/${pipeline} version ${ref.version} waits for ${reason}`);
        return false;
      }
    }
    await this.activate(ref, latest);
    return true;
  }

  /** The reverse: nothing more is let in first. */
  async remove({ project, pipeline }: PipelineName): Promise<void> {
    const name = { project, pipeline };
    await this.hub.remove(name);
    await this.observer.unwatch(name);
    await this.analytics.remove(name);
    await this.normalizer.remove(name);
    await this.database.query(FORGET, [project, pipeline]);
  }

  /** Goes on with what a crash or an absent service left unfinished. */
  async finish(): Promise<void> {
    const unfinished = await this.database.query<{ project: string; name: string; state: string }[]>(UNFINISHED);
    for (const { project, name, state } of unfinished) {
      if (state === 'removing') await this.remove({ project, pipeline: name });
      else await this.install({ project, pipeline: name });
    }
  }

  private steps(ref: PipelineRef, resolved: ResolvedPipeline): readonly InstallStep[] {
    return [
      ['storage', () => this.storage.installDataset(installDataset(ref, resolved))],
      ['normalizer', () => this.normalizer.install(installSteps(ref, resolved))],
      ['analytics', () => this.analytics.install(installRollups(ref, resolved))],
      ['observer', () => this.observer.watch(watchPipeline(ref, resolved))],
      ['connector-hub', () => this.hub.install(installSource(ref, resolved))],
    ];
  }

  private async acknowledged({ project, pipeline, version }: PipelineRef): Promise<Set<string>> {
    const rows = await this.database.query<{ service: string }[]>(ACKNOWLEDGED, [project, pipeline, version]);
    return new Set(rows.map(({ service }) => service));
  }

  private async activate(
    { project, pipeline, version }: PipelineRef,
    { version: { resolved } }: Latest,
  ): Promise<void> {
    const scheduled = resolved?.spec.source !== undefined && resolved.spec.schedule !== undefined;
    await this.database.query(ACTIVATE, [project, pipeline, version, scheduled]);
  }
}
