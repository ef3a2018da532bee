import { createHash } from 'node:crypto';
import { CursorValue } from '#libs/documents/sources/cursor-value';
import { HttpPull } from '#libs/documents/sources/http';

/** What the checkpoint of an http source holds. */
export interface HttpState {
  /** Which source and which cursor the rest belongs to: of another one nothing is known. */
  readonly identity?: string;
  /** The newest cursor value of all that was pulled to its end. */
  readonly highWater?: CursorValue;
  readonly open?: OpenPull;
  readonly validators?: Validators;
}

/** What a whole pull of one page answered with, to ask whether it changed. */
export interface Validators {
  /** Digest of the request that they belong to. */
  readonly request: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Where a pull that is not finished goes on. */
export interface OpenPull {
  /** When it began, and when its last page came. Milliseconds since 1970. */
  readonly startedAt: number;
  readonly touchedAt: number;
  /** The cursor that the pull began with; every request carries it, or that of its window. */
  readonly from?: CursorValue;
  /** The stretch of time that is asked for right now. Milliseconds since 1970. */
  readonly window?: Window;
  /** The parents of the children that are asked for; absent without a parent stream. */
  readonly parents?: OpenParents;
  /** What is asked for next, all at once. */
  readonly strands: readonly Strand[];
  readonly newest?: CursorValue;
  /** Whether any record came. */
  readonly some?: boolean;
  /** Whether this is the first request, which may be conditional. */
  readonly first?: boolean;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface OpenParents {
  /** The parent pages that are still to come. */
  readonly strand?: Strand;
  /** Parents whose children were not asked for yet. */
  readonly waiting: readonly ParentValues[];
}

export type ParentValues = Readonly<Record<string, string | number | boolean>>;

/** One series of pages. */
export interface Strand {
  readonly parent?: ParentValues;
  readonly place: Place;
  readonly pages: number;
  /** Digest of the page before, to notice a source that gives the same one again. */
  readonly before?: string;
  /** Empty pages in a row. */
  readonly empty?: number;
  readonly loop?: LoopWatch;
}

/** Where in its series a page is. */
export type Place =
  | { readonly at: 'first' }
  | { readonly at: 'offset'; readonly offset: number }
  | { readonly at: 'page'; readonly page: number }
  | { readonly at: 'cursor'; readonly cursor: string | number }
  | { readonly at: 'url'; readonly url: string };

/**
 * Brent's cycle detection over the places of a series (BIT 20, 1980): one remembered place, moved up at powers of two,
 * finds a loop of any length within three times around.
 */
export interface LoopWatch {
  readonly mark: string;
  readonly steps: number;
  readonly power: number;
}

/** Another place or another cursor is another source: what was known of the one says nothing of the other. */
export const identityOf = ({ http, parent, cursor }: HttpPull): string =>
  digest([http.url, parent?.http.url, cursor?.path, cursor?.type]);

export const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
