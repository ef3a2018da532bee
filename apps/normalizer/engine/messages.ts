import type { RecordFormat } from '#libs/contracts/record-format';
import type { InstallSteps, StepProblem } from '#libs/contracts/steps';
import type { WireError } from '#libs/errors/wire';
import type { PackedColumn } from './packed-texts';
import type { Pieces } from '../core/decode/pieces';
import type { MeteredResult, QuarantineDraft, Reshaped } from '../core/run';

/** Steps with the project's redaction key, under a digest of both. */
export interface KeyedSteps {
  readonly digest: string;
  readonly install: InstallSteps;
  readonly redactionKey?: Uint8Array;
}

/** What the main thread asks of a compiled version that it does not compile itself. */
export interface VersionTraits {
  /** True when records of it, a few KiB of them, may be worked on beside other requests. */
  readonly isLight: boolean;
  readonly reshape?: { readonly label: string; readonly jsonata: string };
}

export type CheckReply =
  | { readonly kind: 'compiled'; readonly traits: VersionTraits; readonly warnings: readonly StepProblem[] }
  | { readonly kind: 'wrong'; readonly problems: readonly StepProblem[] };

export interface RunRequest {
  readonly digest: string;
  /** Left out at first: the thread may have compiled the version before. */
  readonly steps?: KeyedSteps;
  /** Lies on memory of its own, which goes to the thread. */
  readonly payload: Uint8Array;
  readonly format: RecordFormat;
  readonly pieces?: Pieces;
  readonly batchId: string;
  readonly receivedAtMs: number;
  readonly reshaped?: readonly Reshaped[];
  /** Shared memory in which the thread says what it is at: see {@link Beat}. */
  readonly beat: Int32Array;
}

/** `beat[BEATS]` grows with each slice of a batch; `beat[AT_WORK]` is 1 while a slice is under way. */
export const BEATS = 0;
export const AT_WORK = 1;

/** A draft whose raw bytes are named by their place in the payload where they lie there. */
export interface SentDraft extends Omit<QuarantineDraft, 'raw'> {
  readonly raw: Uint8Array | readonly [number, number];
}

export interface SentResult extends Omit<MeteredResult, 'quarantined' | 'rows'> {
  readonly length: number;
  readonly columns: readonly PackedColumn[];
  readonly quarantined: readonly SentDraft[];
}

export type RunReply =
  | { readonly kind: 'done'; readonly result: SentResult }
  /** The version must come with its steps. The payload comes back. */
  | { readonly kind: 'unknown'; readonly payload: Uint8Array }
  | { readonly kind: 'refused'; readonly error: WireError };
