import { InstallRollups } from '#libs/contracts/analytics.contract';
import { InstallSource } from '#libs/contracts/connector-hub.contract';
import { InstallSteps } from '#libs/contracts/steps';
import { WatchPipeline } from '#libs/contracts/observer.contract';
import { PipelineRef } from '#libs/contracts/pipeline-ref';
import { InstallDataset } from '#libs/contracts/storage.contract';
import { keepRawMs } from '#libs/documents/keep-raw';
import { durationMs } from '#libs/documents/duration';
import { ResolvedPipeline } from '#libs/documents/resolve';

/** The sections of a frozen version, each for the service that owns it. */

export const installDataset = ({ project }: PipelineRef, { spec, columns }: ResolvedPipeline): InstallDataset => ({
  project,
  dataset: spec.store.dataset,
  columns: [...columns],
  time: spec.store.time,
  key: [...spec.store.key],
  mode: spec.store.mode,
  versionColumn: spec.store.version,
  deletedColumn: spec.store.deleted,
  dedupe: spec.store.dedupe?.by,
  ...(spec.store.retain === undefined ? {} : { retainMs: durationMs(spec.store.retain) }),
});

export const installSteps = (ref: PipelineRef, { spec, schemas, columns }: ResolvedPipeline): InstallSteps => ({
  ...ref,
  steps: spec.steps,
  schemas,
  dataset: spec.store.dataset,
  time: spec.store.time,
  key: [...spec.store.key],
  columns: [...columns],
});

export const installRollups = (ref: PipelineRef, { spec, rollups }: ResolvedPipeline): InstallRollups => ({
  ...ref,
  dataset: spec.store.dataset,
  rollups: rollups.map(({ by, measures, ...rollup }) => ({ ...rollup, by: [...by], measures: [...measures] })),
});

export const watchPipeline = (ref: PipelineRef, { spec }: ResolvedPipeline): WatchPipeline => ({
  ...ref,
  dataset: spec.store.dataset,
});

export const installSource = (ref: PipelineRef, { spec }: ResolvedPipeline): InstallSource => ({
  ...ref,
  source: spec.source,
  hook: spec.hook,
  keepRawMs: keepRawMs(spec.keepRaw),
});
