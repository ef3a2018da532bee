import { durationMs } from '#libs/documents/duration';
import { CursorValue, isAfter, later, overlapMs, readStart } from '#libs/documents/sources/cursor-value';
import { CursorSpec, HttpPull } from '#libs/documents/sources/http';
import { Unprocessable } from '#libs/errors/errors';
import { HttpState, identityOf, OpenPull, ParentValues, Strand, Validators, Window } from './http-state';
import { afterPage, firstPlace, PageFacts } from './places';

/**
 * Places count from the start of an answer that may have changed since, and cursors of pages run out. A pull that stood
 * still for longer than this begins anew: what comes twice is told apart by key and time, what is skipped is lost.
 */
const RESUME_WITHIN_MS = 600_000;

/** What came of one request for records. */
export interface Answered {
  readonly strand: Strand;
  readonly facts: PageFacts;
  readonly newest?: CursorValue;
}

/** What came of one request for parents. */
export interface AnsweredParents {
  readonly facts: PageFacts;
  readonly parents: readonly ParentValues[];
}

/** What is known of a source: nothing, when it is another than it was. */
export function knownState(source: HttpPull, state: Partial<HttpState>): HttpState {
  const identity = identityOf(source);
  return state.identity === identity ? state : { identity };
}

/** The pull to go on with, or a new one. */
export function openPull(source: HttpPull, state: HttpState, now: number): OpenPull {
  if (state.open && now - state.open.touchedAt < RESUME_WITHIN_MS) return state.open;
  const from = source.cursor && fromOf(source.cursor, state.highWater);
  const window = windowAt(source, from, now);
  return fill(source, {
    startedAt: now,
    touchedAt: now,
    ...(from === undefined ? {} : { from }),
    ...(window ? { window } : {}),
    ...begun(source),
    first: true,
  });
}

/** Whether parents are to be asked for before anything else. */
export const wantsParents = ({ strands, parents }: OpenPull): boolean =>
  strands.length === 0 && parents?.strand !== undefined;

export function afterParents(
  source: HttpPull,
  state: HttpState,
  pull: OpenPull,
  answer: AnsweredParents,
  now: number,
): Turn {
  const strand = afterPage(source.parent ?? {}, pull.parents!.strand!, answer.facts); // that is what was asked for
  const next = fill(source, {
    ...pull,
    first: false,
    touchedAt: now,
    parents: { ...(strand ? { strand } : {}), waiting: [...pull.parents!.waiting, ...answer.parents] },
  });
  return afterTurn(source, state, next, undefined, now);
}

/** What a turn leads to: more of the same pull, or its end. */
export interface Turn {
  readonly state: HttpState;
  readonly done: boolean;
}

/** Throws what {@link afterPage} throws, and Unprocessable `pull.cursor_backwards`. */
export function afterAnswers(
  source: HttpPull,
  state: HttpState,
  pull: OpenPull,
  answers: readonly Answered[],
  validators: Validators | undefined,
  now: number,
): Turn {
  const answered = new Map(answers.map((answer) => [answer.strand, answer]));
  const strands = pull.strands.flatMap((strand) => {
    const answer = answered.get(strand);
    return answer ? (afterPage(source, strand, answer.facts) ?? []) : strand;
  });
  const next = fill(source, {
    ...pull,
    first: false,
    touchedAt: now,
    strands,
    newest: answers.reduce((newest, answer) => later(newest, answer.newest), pull.newest),
    some: pull.some === true || answers.some(({ facts }) => facts.count > 0),
  });
  return afterTurn(source, state, next, pull.first ? validators : undefined, now);
}

function afterTurn(
  source: HttpPull,
  state: HttpState,
  pull: OpenPull,
  validators: Validators | undefined,
  now: number,
): Turn {
  const { identity, highWater } = state;
  if (pull.strands.length > 0 || pull.parents?.strand)
    return { done: false, state: { identity, highWater, open: pull } };
  if (pull.window && pull.window.to < pull.startedAt) {
    const reached = later(highWater, pull.window.to);
    return { done: false, state: { identity, highWater: reached, open: nextWindow(source, pull, pull.window, now) } };
  }
  refuseBackwards(pull);
  return {
    done: true,
    state: { identity, highWater: later(highWater, pull.newest), ...(validators ? { validators } : {}) },
  };
}

/** A source that gives records, and none as new as those it was asked for, does not heed the cursor, or was set back. */
function refuseBackwards({ from, newest, some }: OpenPull): void {
  if (from === undefined || newest === undefined || !some || !isAfter(from, newest)) return;
  throw new Unprocessable(
    'pull.cursor_backwards',
    `The source was asked for what is newer than ${shown(from)}, and the newest that it gave is ${shown(newest)}. It does not heed the cursor, or was set back; the last page was not taken, and the cursor was kept.`,
  );
}

function fromOf(cursor: CursorSpec, highWater: CursorValue | undefined): CursorValue | undefined {
  const start = readStart(cursor);
  if (highWater === undefined || typeof highWater === 'string') return later(start, highWater);
  const back = typeof cursor.lookback === 'string' ? durationMs(cursor.lookback) : (cursor.lookback ?? 0);
  return later(start, highWater - back);
}

function windowAt({ window, cursor }: HttpPull, from: CursorValue | undefined, now: number): Window | undefined {
  if (!window || !cursor || typeof from !== 'number') return undefined;
  return { from, to: Math.min(Math.max(now, from), from + durationMs(window.size)) };
}

function nextWindow(source: HttpPull, pull: OpenPull, { to }: Window, now: number): OpenPull {
  const overlap = source.cursor ? overlapMs(source.cursor) : 0;
  return fill(source, {
    ...pull,
    touchedAt: now,
    window: windowAt(source, to - overlap, pull.startedAt),
    ...begun(source),
  });
}

/** A pull at its beginning, or at that of a window. */
const begun = ({ parent, paginate }: HttpPull): Pick<OpenPull, 'strands' | 'parents'> =>
  parent
    ? { strands: [], parents: { strand: { place: firstPlace(parent.paginate), pages: 0 }, waiting: [] } }
    : { strands: [{ place: firstPlace(paginate), pages: 0 }] };

/** Lets waiting parents' children begin, as many as are asked for at once. */
function fill({ limits, paginate }: HttpPull, pull: OpenPull): OpenPull {
  if (!pull.parents) return pull;
  const room = (limits?.concurrency ?? 1) - pull.strands.length;
  const { waiting, ...parents } = pull.parents;
  const next = waiting.slice(0, room).map((parent): Strand => ({ parent, place: firstPlace(paginate), pages: 0 }));
  return { ...pull, strands: [...pull.strands, ...next], parents: { ...parents, waiting: waiting.slice(room) } };
}

const shown = (value: CursorValue): string =>
  typeof value === 'number' && value > 1e11 ? new Date(value).toISOString() : String(value);
