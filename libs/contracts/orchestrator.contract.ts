import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { DOCUMENT_KINDS, DocumentKind } from '#libs/documents/pipeline';
import { Contract } from './contract';
import { IsCount, IsId, IsName, IsPageCursor, IsPageLimit, IsShortText, IsVersion } from './fields';
import { PipelinePreview, PreviewPipeline } from './pipeline-preview';
import { Done, PipelineName } from './pipeline-ref';
import { COMPARED_RECORDS_MAX, RowsDifferences } from './rows-difference';

const DOCUMENTS_MAX_CHARS = 1_000_000;

/** One or more documents, as YAML or JSON text. */
export class PlanDocuments {
  @IsName() project: string;
  @IsString() @MaxLength(DOCUMENTS_MAX_CHARS) text: string;
}

/** Documents whose pipelines are run over the newest raw records. */
export class PlanRows extends PlanDocuments {
  /** How many records; 1,000 when left out. */
  @IsOptional() @IsInt() @Min(1) @Max(COMPARED_RECORDS_MAX) records?: number;
}

export const CHANGES = ['create', 'update', 'unchanged'] as const;

export class FieldChange {
  /** Where in the document: `spec.store.key[0]`. */
  @IsString() path: string;
  @IsOptional() before?: unknown;
  @IsOptional() after?: unknown;
}

export class DocumentPlan {
  @IsIn(DOCUMENT_KINDS) kind: DocumentKind;
  @IsName() name: string;
  @IsIn(CHANGES) change: (typeof CHANGES)[number];
  /** The active version, when there is one. */
  @IsOptional() @IsVersion() fromVersion?: number;
  @IsVersion() toVersion: number;
  @IsString() digest: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => FieldChange) fields: FieldChange[];
  /** What applying does, in sentences: "adds column depth_km to dataset earthquakes". */
  @IsArray() @IsString({ each: true }) effects: string[];
  /** Where its expressions can fail for want of a field, with the place: "spec.steps[0].map.x: computes with …". */
  @IsArray() @IsString({ each: true }) warnings: string[];
}

export class Plan {
  @IsArray() @ValidateNested({ each: true }) @Type(() => DocumentPlan) documents: DocumentPlan[];
  /** Names this plan's starting point: `apply` with it is refused with 409 when a document has moved on since. */
  @IsString() basis: string;
}

export class ApplyDocuments extends PlanDocuments {
  /** The `basis` of a plan, to apply just what was planned. */
  @IsOptional() @IsShortText(200) basis?: string;
}

export class DocumentRef {
  @IsName() project: string;
  @IsIn(DOCUMENT_KINDS) kind: DocumentKind;
  @IsName() name: string;
}

export class GetDocument extends DocumentRef {
  /** The newest version when left out; its state says whether it is active yet. */
  @IsOptional() @IsVersion() version?: number;
}

export class DeleteDocument extends DocumentRef {
  /** Only when the active version still has this digest (If-Match). */
  @IsOptional() @IsShortText(64) ifMatch?: string;
}

export class ListDocuments {
  @IsName() project: string;
  @IsOptional() @IsIn(DOCUMENT_KINDS) kind?: DocumentKind;
  @IsPageLimit() limit?: number;
  @IsPageCursor() cursor?: string;
}

export const DOCUMENT_STATES = ['installing', 'active', 'removing'] as const;

export class DocumentView extends DocumentRef {
  @IsVersion() version: number;
  @IsString() digest: string;
  @IsIn(DOCUMENT_STATES) state: (typeof DOCUMENT_STATES)[number];
  @IsObject() document: object;
  /** RFC 3339 UTC. */
  @IsString() appliedAt: string;
  @IsString() appliedBy: string;
  /** Why the version is not active yet, when it is not. */
  @IsOptional() @IsString() waitingFor?: string;
  /** When the schedule next pulls, RFC 3339 UTC. */
  @IsOptional() @IsString() nextTickAt?: string;
}

export class DocumentPage {
  @IsArray() @ValidateNested({ each: true }) @Type(() => DocumentView) documents: DocumentView[];
  @IsOptional() @IsString() next?: string;
}

export const RUN_STATES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'missed',
  'paused',
] as const;
export type RunState = (typeof RUN_STATES)[number];
export const RUN_STEPS = ['pull', 'replay', 'normalize', 'refresh'] as const;
export type RunStepName = (typeof RUN_STEPS)[number];
export const STEP_STATES = ['waiting', 'running', 'retrying', 'succeeded', 'failed', 'cancelled'] as const;

export class RunStep {
  @IsIn(RUN_STEPS) name: RunStepName;
  @IsIn(STEP_STATES) state: (typeof STEP_STATES)[number];
  @IsCount() attempts: number;
  @IsOptional() @IsString() startedAt?: string;
  @IsOptional() @IsString() endedAt?: string;
  @IsOptional() @IsString() error?: string;
  /** Counters of the step: pages, records, batches and the like. */
  @IsObject() counts: Readonly<Record<string, number>>;
  /** What people should know of it, as how a source's records have changed. */
  @IsOptional() @IsArray() @IsString({ each: true }) notes?: string[];
}

/** Raw batches that came from `from` to before `to`, RFC 3339. */
export class ReplayView {
  @IsString() from: string;
  @IsString() to: string;
  /** The new dataset that gets the rows; they take the place of what the batches stored before when left out. */
  @IsOptional() @IsName() dataset?: string;
}

export class Run {
  @IsId() id: string;
  @IsName() project: string;
  @IsName() pipeline: string;
  @IsVersion() version: number;
  @IsIn(RUN_STATES) state: RunState;
  @IsIn(['manual', 'schedule']) trigger: 'manual' | 'schedule';
  /** The tick that this run accounts for, RFC 3339 UTC; absent for a manual run. */
  @IsOptional() @IsString() dueAt?: string;
  @IsString() createdAt: string;
  @IsOptional() @IsString() startedAt?: string;
  @IsOptional() @IsString() endedAt?: string;
  /** Why it failed, was skipped or missed. */
  @IsOptional() @IsString() reason?: string;
  /** What is replayed, when the run is a replay. */
  @IsOptional() @ValidateNested() @Type(() => ReplayView) replay?: ReplayView;
  @IsArray() @ValidateNested({ each: true }) @Type(() => RunStep) steps: RunStep[];
}

export class StartRun extends PipelineName {}

/** Raw batches that came from `from` to before `to` (now when left out), to pass a version again. RFC 3339. */
export class StartReplay extends PipelineName {
  @IsISO8601({ strict: true }) from: string;
  @IsOptional() @IsISO8601({ strict: true }) to?: string;
  /** The active version when left out. */
  @IsOptional() @IsVersion() version?: number;
  /** A new dataset for the rows; they take the place of those that the batches stored before when left out. */
  @IsOptional() @IsName() dataset?: string;
}

export class RunId {
  @IsName() project: string;
  @IsId() runId: string;
}

export class ListRuns {
  @IsName() project: string;
  @IsOptional() @IsName() pipeline?: string;
  @IsOptional() @IsIn(RUN_STATES) state?: RunState;
  @IsPageLimit() limit?: number;
  @IsPageCursor() cursor?: string;
}

export class RunPage {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Run) runs: Run[];
  @IsOptional() @IsString() next?: string;
}

export class AppliedDocument extends DocumentRef {
  @IsVersion() version: number;
  @IsString() digest: string;
  @IsIn(CHANGES) change: (typeof CHANGES)[number];
  @IsBoolean() active: boolean;
}

export class Applied {
  @IsArray() @ValidateNested({ each: true }) @Type(() => AppliedDocument) documents: AppliedDocument[];
}

/** Coordinates what happens: documents and their versions, plans, schedules and runs. */
@Contract('orchestrator', {
  plan: { takes: PlanDocuments, gives: Plan, idempotent: true, timeoutMs: 20_000 },
  planRows: { takes: PlanRows, gives: RowsDifferences, idempotent: true, timeoutMs: 75_000 },
  preview: { takes: PreviewPipeline, gives: PipelinePreview, idempotent: true, timeoutMs: 75_000 },
  apply: { takes: ApplyDocuments, gives: Applied, idempotent: true, timeoutMs: 60_000 },
  documents: { takes: ListDocuments, gives: DocumentPage, idempotent: true, timeoutMs: 10_000 },
  document: { takes: GetDocument, gives: DocumentView, idempotent: true, timeoutMs: 10_000 },
  remove: { takes: DeleteDocument, gives: Done, idempotent: true, timeoutMs: 30_000 },
  startRun: { takes: StartRun, gives: Run, idempotent: false, timeoutMs: 10_000 },
  run: { takes: RunId, gives: Run, idempotent: true, timeoutMs: 10_000 },
  runs: { takes: ListRuns, gives: RunPage, idempotent: true, timeoutMs: 10_000 },
  startReplay: { takes: StartReplay, gives: Run, idempotent: false, timeoutMs: 60_000 },
  pauseRun: { takes: RunId, gives: Run, idempotent: true, timeoutMs: 10_000 },
  resumeRun: { takes: RunId, gives: Run, idempotent: true, timeoutMs: 10_000 },
  cancelRun: { takes: RunId, gives: Run, idempotent: true, timeoutMs: 10_000 },
})
export abstract class OrchestratorContract {
  /** What applying would change; changes nothing. Throws Unprocessable `document.invalid` naming each field. */
  abstract plan(request: PlanDocuments): Promise<Plan>;
  /**
   * What the pipelines that would change make of the newest raw records now, and what they would make of them then.
   * Changes nothing. Throws what planning throws.
   */
  abstract planRows(request: PlanRows): Promise<RowsDifferences>;
  /**
   * Fetches the first pages of a pipeline's source, or takes those that are given, and runs them through its steps with
   * the engines of production. Keeps nothing: no batch, no row, no checkpoint. Throws what planning the documents and
   * pulling the source throw, NotFound and Unprocessable `preview.pipeline`, Unprocessable `preview.too_large`.
   */
  abstract preview(request: PreviewPipeline): Promise<PipelinePreview>;
  /**
   * Makes each changed document a new immutable version and installs it in the services that own its sections; answers
   * when all have acknowledged. Throws Conflict `plan.moved` when `basis` no longer holds.
   */
  abstract apply(request: ApplyDocuments): Promise<Applied>;
  abstract documents(request: ListDocuments): Promise<DocumentPage>;
  abstract document(request: GetDocument): Promise<DocumentView>;
  /** Stops schedule and ingest of a pipeline; its stored rows stay. */
  abstract remove(request: DeleteDocument): Promise<Done>;
  /** Starts a run now. Throws Conflict `run.overlap` when one is going on. */
  abstract startRun(request: StartRun): Promise<Run>;
  abstract run(request: RunId): Promise<Run>;
  /** Runs, the newest first. */
  abstract runs(request: ListRuns): Promise<RunPage>;
  /**
   * Lets raw batches of a time pass a version of their pipeline again, as a run. Throws NotFound `pipeline.unknown` and
   * `version.unknown`, Conflict `replay.overlap` while another goes on, Unprocessable `replay.range`.
   */
  abstract startReplay(request: StartReplay): Promise<Run>;
  /** Takes up no more batches until it is resumed; those on their way arrive. Throws Conflict `run.not_pausable`. */
  abstract pauseRun(request: RunId): Promise<Run>;
  abstract resumeRun(request: RunId): Promise<Run>;
  /** Asks a run to stop; what it has accepted is still carried through. */
  abstract cancelRun(request: RunId): Promise<Run>;
}
