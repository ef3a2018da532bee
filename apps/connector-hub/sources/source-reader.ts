import type { RecordFormat } from '#libs/contracts/record-format';
import type { PipelineName } from '#libs/contracts/pipeline-ref';
import type { SourceByKind, SourceKind } from '#libs/documents/source';

/** Framed records of a source that become one batch. */
export interface RecordPart {
  readonly format: RecordFormat;
  readonly payload: Uint8Array;
  /** As `frame` counts them in the payload. */
  readonly count: number;
}

/** What a reader took from its source in one go, and where that leaves it. */
export interface SourcePage<State extends object> {
  readonly parts: readonly RecordPart[];
  /** Records that the source gave; a page whose parts hold another number is not taken in. */
  readonly count: number;
  /** What the source sent, decoded. */
  readonly bytes: number;
  /** What the checkpoint holds once this page is in the inbox. Plain JSON. */
  readonly state: State;
  /**
   * The pull is done with this page. Said with it where a reading that begins at its state is another pull: a slice whose
   * time is up asks for nothing more, and would not learn it.
   */
  readonly isLast?: boolean;
  /**
   * Tells the peer that it need not keep the page any longer. Called after the page and its state are committed, once
   * at most: a crash in between means that the peer gives it again, so its records need a key that tells them apart.
   */
  acknowledge?(): Promise<void>;
}

/** How a slice ended from the reader's side: nothing is left for now, or it goes on after a wait. Milliseconds. */
export type ReadEnd = { readonly done: true } | { readonly done: false; readonly waitMs: number };

export interface ReadRequest<S, State extends object> {
  readonly pipeline: PipelineName;
  readonly source: S;
  /** As the last committed page left it; `{}` before the first, and when the source was of another kind. */
  readonly state: Partial<State>;
  /** When the slice ends: no wait goes beyond it. Milliseconds since 1970. */
  readonly until: number;
  /** Aborts when nobody waits for the slice any more. */
  readonly signal: AbortSignal;
  /** A glance at the first records, as a preview takes it: nothing may change at the peer. */
  readonly peek?: boolean;
}

/**
 * Reads one kind of source. A reader keeps nothing that a restart may not lose: what it must know stands in the state.
 * The lease of the checkpoint lasts 60 s from one page to the next, so no page may take longer.
 */
export abstract class SourceReader<K extends SourceKind = SourceKind, State extends object = object> {
  /**
   * Pages from where `state` stands. Control comes back for the next page only after the one before is committed with
   * its state; when it is not (the inbox is full, another holds the lease, the slice is over) the iteration is ended by
   * `return`, and whatever `finally` does there must not acknowledge. Throws ChartlyErrors: a retryable one is a passing
   * trouble. A slice that has time may read a source dry; it ends by itself at `until`.
   */
  abstract read(request: ReadRequest<SourceByKind[K], State>): AsyncGenerator<SourcePage<State>, ReadEnd>;

  /** What a source is asked with besides what its document says, as access tokens: nobody is to see it. */
  tokensOf?(source: SourceByKind[K]): readonly string[];

  /** Where a state stands, for people; nothing before the first page. */
  abstract positionOf(state: Partial<State>, source: SourceByKind[K]): string | undefined;
}
