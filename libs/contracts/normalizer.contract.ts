import { Contract } from './contract';
import { RowLineage, RowLineages, TraceRow, TraceRows } from './lineage';
import { Done, PipelineName } from './pipeline-ref';
import { Preview, PreviewSteps } from './preview';
import {
  DiscardQuarantined,
  ListQuarantine,
  QuarantinedRecord,
  QuarantinePage,
  QuarantineRecordRef,
  QuarantineTask,
  QuarantineTaskRef,
  QuarantineTotals,
  RetryQuarantined,
} from './quarantine';
import { CompareSteps, RowsDifference } from './rows-difference';
import { InstallSteps, StepProblems } from './steps';

/** Turns raw batches into rows: a pure function of raw bytes, pipeline version and generation. */
@Contract('normalizer', {
  check: { takes: InstallSteps, gives: StepProblems, idempotent: true, timeoutMs: 10_000 },
  install: { takes: InstallSteps, gives: Done, idempotent: true, timeoutMs: 10_000 },
  remove: { takes: PipelineName, gives: Done, idempotent: true, timeoutMs: 10_000 },
  preview: { takes: PreviewSteps, gives: Preview, idempotent: true, timeoutMs: 30_000 },
  compare: { takes: CompareSteps, gives: RowsDifference, idempotent: true, timeoutMs: 60_000 },
  lineage: { takes: TraceRows, gives: RowLineages, idempotent: true, timeoutMs: 30_000 },
  rowLineage: { takes: TraceRow, gives: RowLineage, idempotent: true, timeoutMs: 30_000 },
  quarantineTotals: { takes: PipelineName, gives: QuarantineTotals, idempotent: true, timeoutMs: 10_000 },
  quarantine: { takes: ListQuarantine, gives: QuarantinePage, idempotent: true, timeoutMs: 10_000 },
  quarantinedRecord: { takes: QuarantineRecordRef, gives: QuarantinedRecord, idempotent: true, timeoutMs: 10_000 },
  retryQuarantined: { takes: RetryQuarantined, gives: QuarantineTask, idempotent: false, timeoutMs: 10_000 },
  discardQuarantined: { takes: DiscardQuarantined, gives: QuarantineTask, idempotent: false, timeoutMs: 10_000 },
  quarantineTask: { takes: QuarantineTaskRef, gives: QuarantineTask, idempotent: true, timeoutMs: 10_000 },
})
export abstract class NormalizerContract {
  /** Compiles the steps and says what is wrong with them, without keeping anything. */
  abstract check(request: InstallSteps): Promise<StepProblems>;
  /** Keeps the version for good: batches that were accepted under it are normalized with it, however late. */
  abstract install(request: InstallSteps): Promise<Done>;
  /** Forgets nothing that a pending batch needs. */
  abstract remove(request: PipelineName): Promise<Done>;
  /**
   * Runs the steps over raw bytes with the very engine that batches pass, and keeps nothing. Throws Unprocessable
   * `steps.invalid` for steps that do not compile, BadRequest `events.malformed` for bytes that cannot be framed.
   */
  abstract preview(request: PreviewSteps): Promise<Preview>;
  /**
   * Runs a version and other steps over the newest raw records of the pipeline, and tells what differs. Keeps nothing.
   * Throws Unprocessable `steps.invalid`, Unavailable `version.unknown`.
   */
  abstract compare(request: CompareSteps): Promise<RowsDifference>;
  /** From stored rows back to the raw records that they came from. */
  abstract lineage(request: TraceRows): Promise<RowLineages>;
  /** The same of one row. Throws NotFound `row.unknown` for one that is not there any more. */
  abstract rowLineage(request: TraceRow): Promise<RowLineage>;
  abstract quarantineTotals(request: PipelineName): Promise<QuarantineTotals>;
  /** Quarantined records, the newest first. */
  abstract quarantine(request: ListQuarantine): Promise<QuarantinePage>;
  /** One record, whole. Throws NotFound `quarantine.unknown`. */
  abstract quarantinedRecord(request: QuarantineRecordRef): Promise<QuarantinedRecord>;
  /**
   * Begins to take records through a version again. Those that become rows or are filtered leave the quarantine, in the
   * books of the version that they came under; those that fail stay with one more attempt. Each has one effect, whatever
   * dies meanwhile. Throws Unprocessable `version.unknown`.
   */
  abstract retryQuarantined(request: RetryQuarantined): Promise<QuarantineTask>;
  /** Begins to take records out for good, into the ledger's `discarded`. */
  abstract discardQuarantined(request: DiscardQuarantined): Promise<QuarantineTask>;
  /** Throws NotFound `quarantine.task_unknown`. */
  abstract quarantineTask(request: QuarantineTaskRef): Promise<QuarantineTask>;
}
