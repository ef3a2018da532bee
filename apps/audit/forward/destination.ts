/** An entry on its way out of the log. */
export interface ForwardedEntry {
  readonly index: number;
  /** The leaf's exact text. */
  readonly leaf: string;
}

/** Where entries go as they are appended. */
export abstract class Destination {
  /** Resolves when all of them were taken, in this order; throws when any may not have been. */
  abstract send(entries: readonly ForwardedEntry[]): Promise<void>;
}

export const SEND_MS = 10_000;
