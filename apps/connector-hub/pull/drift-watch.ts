import type { Drift } from '#libs/documents/sources/common';
import { Unprocessable } from '#libs/errors/errors';
import { RecordPart } from '../sources/source-reader';
import { driftOf, merged, Shape, shapeOf } from './shape';

/** What is known of a source's records. It is kept in the checkpoint and moves with it. */
export interface KnownShape {
  /** The version of the pipeline under which it was learned. */
  readonly version: number;
  /** False until the first pull of that version is finished: until then whatever comes is as it should be. */
  readonly learned: boolean;
  readonly fields: Shape;
}

const SHOWN_MAX = 20;

/** Notices when records change their shape, and does about it what the source says. Looks at nothing when it says nothing. */
export class DriftWatch {
  readonly found: string[] = [];
  private known: KnownShape;

  constructor(
    private readonly policy: Drift | undefined,
    version: number,
    known: KnownShape | undefined,
  ) {
    const fields = known?.fields ?? {};
    this.known = known?.version === version ? known : { version, learned: false, fields };
  }

  /** What is known once the page is taken. Throws Unprocessable `pull.drift` for one that the source is to pause at. */
  after(parts: readonly RecordPart[]): KnownShape | undefined {
    if (this.policy === undefined) return undefined;
    const seen = shapeOf(parts);
    const drift = this.known.learned ? driftOf(this.known.fields, seen) : [];
    if (drift.length > 0 && this.policy === 'pause') throw paused(drift);
    return { ...this.known, fields: merged(this.known.fields, seen) };
  }

  /** The page was taken. */
  took(parts: readonly RecordPart[], known: KnownShape | undefined): void {
    if (!known) return;
    if (this.known.learned) this.found.push(...driftOf(this.known.fields, shapeOf(parts)));
    this.found.splice(SHOWN_MAX);
    this.known = known;
  }

  /** What is known when a pull is finished, if that is news. */
  finished(): KnownShape | undefined {
    return this.policy === undefined || this.known.learned ? undefined : { ...this.known, learned: true };
  }
}

const paused = (drift: readonly string[]): Unprocessable =>
  new Unprocessable(
    'pull.drift',
    `The source's records have changed: ${drift.slice(0, SHOWN_MAX).join('; ')}. The page was not taken, and the cursor was kept. Look at it with "chartly dry-run", and apply the pipeline in a new version: with it the source is taken as it is then.`,
  );
