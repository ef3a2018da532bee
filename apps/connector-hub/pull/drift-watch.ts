import type { Drift } from '#libs/documents/sources/common';
import { Unprocessable } from '#libs/errors/errors';
import { RecordPart } from '../sources/source-reader';
import { DecidedDrift, SeenDrift } from './drifts';
import { driftOf, merged, Shape, shapeOf } from './shape';
import { HeldPart, withDriftApart } from './split-drift';

/** What is known of a source's records. It is kept in the checkpoint and moves with it. */
export interface KnownShape {
  /** The version of the pipeline under which it was learned. */
  readonly version: number;
  /** False until the first pull of that version is finished: until then whatever comes is as it should be. */
  readonly learned: boolean;
  readonly fields: Shape;
}

/** What becomes of a page, by what the source says of drift. */
export interface Judgement {
  /** What the page's parts are taken as. */
  readonly parts: readonly HeldPart[];
  /** What is known once the page is taken. */
  readonly shape?: KnownShape;
  readonly changes: readonly string[];
  /** What somebody has to approve. */
  readonly seen?: SeenDrift;
  /** Why the page is not taken. */
  readonly refused?: Unprocessable;
}

const SHOWN_MAX = 20;

/** Notices when records change their shape, and does about it what the source says. Looks at nothing when it says nothing. */
export class DriftWatch {
  readonly found: string[] = [];
  private known: KnownShape;
  private waiting: Shape;

  constructor(
    private readonly policy: Drift | undefined,
    version: number,
    known: KnownShape | undefined,
    { approved, waiting }: DecidedDrift,
  ) {
    this.known =
      known?.version === version
        ? { ...known, fields: merged(known.fields, approved) }
        : { version, learned: false, fields: known?.fields ?? {} };
    this.waiting = waiting;
  }

  judge(parts: readonly RecordPart[]): Judgement {
    if (this.policy === undefined) return { parts, changes: [] };
    const { fields, learned } = this.known;
    const seen = shapeOf(parts);
    const changes = learned ? driftOf(fields, seen) : [];
    const shape = { ...this.known, fields: merged(fields, seen) };
    if (changes.length === 0 || this.policy === 'propagate') return { parts, shape, changes };
    if (this.policy === 'pause') return { parts: [], changes, refused: paused(changes) };
    this.waiting = merged(merged(fields, this.waiting), seen);
    const toApprove = { changes: driftOf(fields, this.waiting).slice(0, SHOWN_MAX), fields: this.waiting };
    if (this.policy === 'approve') return { parts: [], changes, seen: toApprove, refused: unapproved(changes) };
    return { parts: withDriftApart(parts, fields), shape: this.known, changes, seen: toApprove };
  }

  /** The page was taken. */
  took({ shape, changes }: Judgement): void {
    if (!shape) return;
    this.found.push(...changes.filter((change) => !this.found.includes(change)));
    this.found.splice(SHOWN_MAX);
    this.known = shape;
  }

  /** What is known when a pull is finished, if that is news. */
  finished(): KnownShape | undefined {
    return this.policy === undefined || this.known.learned ? undefined : { ...this.known, learned: true };
  }
}

const listed = (drift: readonly string[]): string => drift.slice(0, SHOWN_MAX).join('; ');

const paused = (drift: readonly string[]): Unprocessable =>
  new Unprocessable(
    'pull.drift',
    `The source's records have changed: ${listed(drift)}. The page was not taken, and the cursor was kept. Look at it with "chartly dry-run", and apply the pipeline in a new version: with it the source is taken as it is then.`,
  );

const unapproved = (drift: readonly string[]): Unprocessable =>
  new Unprocessable(
    'pull.drift',
    `The source's records have changed, and nobody has approved it: ${listed(drift)}. The page was not taken, and the cursor was kept. Approve it with "chartly drift approve", or apply the pipeline in a new version.`,
  );
