import { Hash, leafHash } from './merkle';
import { Handover, KeyChain, ProvenHandover } from './key-chain';
import { entriesSealed, isReserved, keyHandedTo } from './reserved-entries';
import { CheckpointBody } from './signed-note';
import { TileEdge } from './tile-edge';
import { TILE_WIDTH } from './tiles';

export interface LogClaim {
  /** The signed head. */
  readonly note: string;
  /** `name+hash+base64`, from a source that is not the log. */
  readonly publicKey: string;
  /** Heads that were kept from earlier times. */
  readonly earlier?: readonly string[];
  /** Where the log went over to another key, in its order. */
  readonly handovers?: readonly Handover[];
}

export type LogVerdict =
  | {
      readonly verified: true;
      readonly size: number;
      readonly root: string;
      /** Entries of which the hash alone is left: the log says that they were sealed. */
      readonly sealed: number;
    }
  | { readonly verified: false; readonly problem: string };

/**
 * Recomputes a log as it is read, leaf by leaf or tile by tile, and holds it against its signed head, the heads that
 * were kept from earlier times, and the handovers from key to key. Pure; needs neither network nor trust in a server.
 */
export class LogVerification {
  private readonly edge = TileEdge.of(0, []);
  private readonly handovers: ReadonlyMap<number, ProvenHandover>;
  private sealed = 0;
  private sealedEnd = 0;
  private announced = 0;
  private unproven?: number;

  private constructor(
    private readonly trusted: string,
    private readonly head: CheckpointBody,
    private readonly kept: ReadonlyMap<number, Buffer>,
    handovers: readonly ProvenHandover[],
  ) {
    this.handovers = new Map(handovers.map((handover) => [handover.head.size - 1, handover]));
  }

  /** What is to be read leaf by leaf, or what is wrong before any is read. */
  static of({ note, publicKey, earlier = [], handovers = [] }: LogClaim): LogVerification | string {
    const chain = KeyChain.from(publicKey, handovers);
    if (typeof chain === 'string') return chain;
    const head = chain.open(note);
    if (!head) return 'the head is not signed by the given key, or one that it handed the log over to';
    const kept = new Map<number, Buffer>();
    for (const earlierNote of [...chain.handovers.map(({ head: { size, root } }) => ({ size, root })), ...earlier]) {
      const checkpoint =
        typeof earlierNote === 'string' ? chain.open(earlierNote) : { ...earlierNote, origin: head.origin };
      if (!checkpoint) return 'the earlier head is not signed by the given key, or one that it handed the log over to';
      const problem = keptProblem(checkpoint, head, kept);
      if (problem !== undefined) return problem;
      kept.set(checkpoint.size, checkpoint.root);
    }
    const verification = new LogVerification(publicKey, head, kept, chain.handovers);
    return verification.isAsSeen() ? verification : 'an earlier head of no entries has another root than a log of none';
  }

  /** How many entries have been read. */
  get size(): number {
    return this.edge.size;
  }

  /** Whether all that the head was signed over has been read. */
  get isComplete(): boolean {
    return this.edge.size >= this.head.size;
  }

  /** Whether the next 256 entries may be given as a tile: no head that was kept ends among them, and none hands the log over. */
  get mayTakeTile(): boolean {
    const from = this.edge.size;
    if (from % TILE_WIDTH !== 0 || from + TILE_WIDTH > this.head.size) return false;
    const until = from + TILE_WIDTH;
    const endsWithin = [...this.kept.keys()].some((size) => size > from && size < until);
    const isHandedOver = [...this.handovers.keys()].some((index) => index >= from && index < until); // maybe by the last one
    return !endsWithin && !isHandedOver;
  }

  /** Adds 256 entries by the root over their hashes: none of them reserved, or all of them sealed. */
  addTile(root: Hash, isSealed = false): string | undefined {
    if (isSealed) this.sealed += TILE_WIDTH;
    this.edge.appendTile(root);
    if (isSealed) this.sealedEnd = this.edge.size;
    return this.problemHere();
  }

  /** Adds an entry by its bytes. Gives what is wrong with it. */
  addLeaf(leaf: Uint8Array): string | undefined {
    const index = this.edge.size;
    this.edge.append(leafHash(leaf));
    if (isReserved(leaf)) this.readReserved(index, leaf);
    const handover = this.handovers.get(index);
    if (handover && Buffer.compare(handover.leaf, leaf) !== 0) return notHandedOver(index);
    return this.problemHere();
  }

  /** Adds an entry by its hash, where its bytes were dropped. */
  addSealed(hash: Hash): string | undefined {
    const handover = this.handovers.get(this.edge.size);
    if (handover && !leafHash(handover.leaf).equals(hash)) return notHandedOver(this.edge.size);
    this.edge.append(hash);
    this.sealed += 1;
    this.sealedEnd = this.edge.size;
    return this.problemHere();
  }

  /** Whether entries are gone, and none that was read says that they are sealed. */
  get isDroppedInSilence(): boolean {
    return this.sealedEnd > this.announced;
  }

  verdict(): LogVerdict {
    const { edge, head, sealed } = this;
    if (edge.size < head.size) return failed(`${head.size - edge.size} of ${head.size} entries are missing`);
    if (!edge.root().equals(head.root)) {
      return failed(
        'the entries are not those that the head was signed over: one was changed, removed, added or moved',
      );
    }
    if (this.unproven !== undefined) {
      return failed(
        `entry ${this.unproven} hands the log over to another key, and no head by the key before it says so`,
      );
    }
    if (this.isDroppedInSilence) {
      return failed(`entries up to ${this.sealedEnd - 1} were dropped, and no entry of the log says so`);
    }
    return { verified: true, size: head.size, root: head.root.toString('base64'), sealed };
  }

  private readReserved(index: number, leaf: Uint8Array): void {
    this.announced = Math.max(this.announced, entriesSealed(leaf) ?? 0);
    const key = keyHandedTo(leaf);
    if (key === this.trusted)
      this.unproven = undefined; // what was before is not for the trusted key to say
    else if (key !== undefined && !this.handovers.has(index)) this.unproven ??= index;
  }

  private problemHere(): string | undefined {
    return this.isAsSeen()
      ? undefined
      : `the first ${this.edge.size} entries are not those that the earlier head was signed over`;
  }

  private isAsSeen(): boolean {
    return this.kept.get(this.edge.size)?.equals(this.edge.root()) ?? true;
  }
}

/** What an earlier head says of the log before any leaf is read. */
function keptProblem(
  kept: CheckpointBody,
  head: CheckpointBody,
  others: ReadonlyMap<number, Buffer>,
): string | undefined {
  if (kept.origin !== head.origin) return 'the earlier head is of another log';
  if (kept.size > head.size) return `the log was cut: it had ${kept.size} entries once and has ${head.size} now`;
  if (others.get(kept.size)?.equals(kept.root) === false) {
    return `the log has forked: two heads of ${kept.size} entries differ`;
  }
  return undefined;
}

const notHandedOver = (index: number): string => `entry ${index} is not the one that handed the log over`;

export const failed = (problem: string): LogVerdict => ({ verified: false, problem });
