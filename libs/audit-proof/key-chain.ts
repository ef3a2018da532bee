import { readVerifier } from './note-keys';
import { keyHandedTo } from './reserved-entries';
import { CheckpointBody, openCheckpoint } from './signed-note';

/** Where the log went over from one key to the next. */
export interface Handover {
  /** The head whose last entry names the next key, signed by the key before it (and by the next). */
  readonly note: string;
  /** That entry's exact text. */
  readonly leaf: string;
}

/** A handover that is believed: its head, and the leaf that ends the tree under it. */
export interface ProvenHandover {
  readonly head: CheckpointBody;
  readonly leaf: Uint8Array;
}

interface Era {
  readonly key: string;
  /** The size from which heads are signed by this key. */
  readonly from: number;
}

/**
 * The keys of a log, from one that is trusted on: each is believed because the one before it signed the head over the
 * entry that names it.
 */
export class KeyChain {
  private constructor(
    private readonly eras: readonly Era[],
    /** All that the tree has to bear out. */
    readonly handovers: readonly ProvenHandover[],
  ) {}

  /** The chain from `trusted` on, or what is wrong with it. Handovers before the trusted key's time are passed over. */
  static from(trusted: string, handovers: readonly Handover[]): KeyChain | string {
    const named = handovers.map(({ leaf }) => keyHandedTo(Buffer.from(leaf)));
    const eras: Era[] = [{ key: trusted, from: 0 }];
    const proven: ProvenHandover[] = [];
    for (let at = named.lastIndexOf(trusted) + 1; at < handovers.length; at += 1) {
      const { note, leaf } = handovers[at]!; // in range
      const last = eras.at(-1)!; // there is always one
      const head = openCheckpoint(note, last.key);
      const key = named[at];
      if (!head) return `handover ${at + 1} to another key is not signed by the key before it`;
      if (key === undefined || !readVerifier(key, 'note')) return `handover ${at + 1} names no key`;
      if (head.size <= last.from) return `handover ${at + 1} is not behind the one before it`;
      eras.push({ key, from: head.size });
      proven.push({ head, leaf: Buffer.from(leaf) });
    }
    return new KeyChain(eras, proven);
  }

  /** The checkpoint in a note that is signed by the key of its time; at a handover, by either. */
  open(note: string): CheckpointBody | undefined {
    for (const [at, { key, from }] of this.eras.entries()) {
      const checkpoint = openCheckpoint(note, key);
      const until = this.eras[at + 1]?.from ?? Infinity;
      if (checkpoint && checkpoint.size >= from && checkpoint.size <= until) return checkpoint;
    }
    return undefined;
  }
}
