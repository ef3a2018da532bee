import { createHash } from 'node:crypto';
import { durationMs } from '#libs/documents/duration';
import { HttpPull } from '#libs/documents/sources/http';
import { Unprocessable } from '#libs/errors/errors';
import { Page } from './page';

/** Where a pull that is not finished goes on. */
export interface OpenPull {
  /** When it began. Milliseconds since 1970. */
  readonly startedAt: number;
  /** The value of the cursor's parameter on every page of this pull. */
  readonly from?: string;
  readonly offset?: number;
  readonly nextUrl?: string;
  /** The newest cursor value seen so far. Milliseconds since 1970. */
  readonly newest?: number;
  /** Digest of the page before, to notice a source that gives the same one again. */
  readonly before?: string;
}

/** What the checkpoint of an http source holds. */
export interface HttpState {
  /** The newest cursor value of all finished pulls. Milliseconds since 1970. */
  readonly highWater?: number;
  readonly open?: OpenPull;
  /** ETag of the first page's answer, and the request that it belongs to. */
  readonly etag?: { readonly url: string; readonly value: string };
}

/**
 * Offsets count from the start of an answer that may have changed since. A pull that was interrupted for longer than
 * this begins anew at its first page: what comes twice is told apart by key and time, what is skipped is lost.
 */
const RESUME_WITHIN_MS = 600_000;

/** The pull to go on with, or a new one. */
export function openPull(source: HttpPull, state: HttpState, now: number): OpenPull {
  if (state.open && now - state.open.startedAt < RESUME_WITHIN_MS) return state.open;
  const { cursor, paginate } = source;
  return {
    startedAt: now,
    ...(cursor ? { from: cursorStart(cursor, state.highWater) } : {}),
    ...(paginate?.offset ? { offset: paginate.offset.start ?? 0 } : {}),
  };
}

function cursorStart({ start, lookback }: NonNullable<HttpPull['cursor']>, highWater?: number): string {
  const earliest = Date.parse(start);
  const back = highWater === undefined ? earliest : highWater - (lookback === undefined ? 0 : durationMs(lookback));
  return new Date(Math.max(earliest, back)).toISOString();
}

/** The URL of the next page. */
export function urlOf(source: HttpPull, pull: OpenPull): string {
  if (pull.nextUrl !== undefined) return pull.nextUrl;
  const url = new URL(source.http.url);
  for (const [name, value] of Object.entries(source.http.query ?? {})) url.searchParams.set(name, String(value));
  const { offset } = source.paginate ?? {};
  if (offset && pull.offset !== undefined) {
    url.searchParams.set(offset.param, String(pull.offset));
    url.searchParams.set(offset.size.param, String(offset.size.value));
  }
  if (source.cursor && pull.from !== undefined) url.searchParams.set(source.cursor.param, pull.from);
  return url.href;
}

/** What a page leads to: another page of the same pull, or its end. */
export interface Step {
  readonly state: HttpState;
  readonly done: boolean;
}

/** Throws Unprocessable `pull.page_repeats` for a source that gives the same page or the same next URL again. */
export function afterPage(source: HttpPull, state: HttpState, pull: OpenPull, page: Page): Step {
  const digest = createHash('sha256').update(page.body).digest('hex');
  const url = urlOf(source, pull);
  const seen = [pull.newest, page.newest].filter((value) => value !== undefined);
  const newest = seen.length === 0 ? undefined : Math.max(...seen);
  const isFirst = pull.before === undefined;
  const etag = isFirst && page.etag !== undefined ? { url, value: page.etag } : isFirst ? undefined : state.etag;
  const next = nextPlace(source, pull, page, url);
  if (next === undefined) {
    const reached = [state.highWater, newest].filter((value) => value !== undefined);
    return { done: true, state: { highWater: reached.length === 0 ? undefined : Math.max(...reached), etag } };
  }
  if (digest === pull.before && page.count > 0) throw repeats(url);
  const open: OpenPull = { startedAt: pull.startedAt, from: pull.from, ...next, newest, before: digest };
  return { done: false, state: { highWater: state.highWater, etag, open } };
}

function nextPlace(
  { paginate }: HttpPull,
  pull: OpenPull,
  page: Page,
  url: string,
): Pick<OpenPull, 'offset' | 'nextUrl'> | undefined {
  if (paginate?.offset) {
    const { value: size } = paginate.offset.size;
    return page.count < size ? undefined : { offset: (pull.offset ?? 0) + page.count };
  }
  if (!paginate?.nextUrl || page.nextUrl === undefined) return undefined;
  const nextUrl = new URL(page.nextUrl, url).href;
  if (nextUrl === url) throw repeats(url);
  return { nextUrl };
}

const repeats = (url: string): Unprocessable =>
  new Unprocessable(
    'pull.page_repeats',
    `The source gives the same page again (${new URL(url).pathname}). Its pagination does not advance, so the pull was stopped and the cursor kept.`,
  );
