import { HttpPull, Pagination } from '#libs/documents/sources/http';
import { Unprocessable } from '#libs/errors/errors';
import { digest, LoopWatch, Place, Strand } from './http-state';

/** What pagination looks at in a page. */
export interface PageFacts {
  readonly count: number;
  /** Digest of its bytes. */
  readonly digest: string;
  /** The next page's cursor or URL, as far as the page names one. */
  readonly next?: string | number;
  /** What the page itself says of whether there is more. */
  readonly more?: boolean;
}

/** A pull of more pages than that does not end. */
const PAGES_MAX = 100_000;

export function firstPlace(paginate: Pagination | undefined): Place {
  if (paginate?.offset) return { at: 'offset', offset: paginate.offset.start ?? 0 };
  if (paginate?.page) return { at: 'page', page: paginate.page.start ?? 1 };
  return { at: 'first' };
}

/**
 * The series after one of its pages, or undefined when it ended. Throws Unprocessable `pull.page_repeats`,
 * `pull.cursor_repeats`, `pull.empty_page`, `pull.more_without_cursor`, `pull.endless`: a source that goes on so would
 * be asked for ever, or be left in the middle.
 */
export function afterPage(
  { paginate }: Pick<HttpPull, 'paginate'>,
  strand: Strand,
  page: PageFacts,
): Strand | undefined {
  const place = nextPlace(paginate, strand.place, page);
  if (place === undefined) return undefined;
  if (page.count > 0 && page.digest === strand.before) {
    throw stuck('pull.page_repeats', 'gives the same page again');
  }
  const empty = page.count === 0 ? (strand.empty ?? 0) + 1 : 0;
  if (empty > (paginate?.emptyPages ?? 0)) {
    throw stuck(
      'pull.empty_page',
      'gives an empty page and says that there is more; when it means that, allow it with "paginate.emptyPages"',
    );
  }
  if (strand.pages + 1 >= PAGES_MAX) throw stuck('pull.endless', `gave ${PAGES_MAX} pages in one pull and goes on`);
  return {
    ...(strand.parent ? { parent: strand.parent } : {}),
    place,
    pages: strand.pages + 1,
    before: page.digest,
    ...(empty > 0 ? { empty } : {}),
    loop: watch(strand.loop, place),
  };
}

function nextPlace(paginate: Pagination | undefined, place: Place, page: PageFacts): Place | undefined {
  if (!paginate || paginate.none || page.more === false) return undefined;
  const { offset, page: numbered } = paginate;
  if (offset) {
    if (isLast(page, offset.end, offset.size.value)) return undefined;
    return { at: 'offset', offset: (place.at === 'offset' ? place.offset : 0) + page.count };
  }
  if (numbered) {
    if (isLast(page, numbered.end, numbered.size?.value)) return undefined;
    return { at: 'page', page: (place.at === 'page' ? place.page : 1) + 1 };
  }
  if (page.next === undefined) {
    if (page.more === true) {
      throw stuck('pull.more_without_cursor', 'says that there is more, and does not name the next page');
    }
    return undefined;
  }
  return paginate.cursor ? { at: 'cursor', cursor: page.next } : { at: 'url', url: String(page.next) };
}

function isLast({ count, more }: PageFacts, end = 'empty', size = Infinity): boolean {
  if (more === true) return false;
  return end === 'short' ? count < size : count === 0;
}

/** Throws when the place was there before. Places that are counted only ever grow. */
function watch(loop: LoopWatch | undefined, place: Place): LoopWatch | undefined {
  if (place.at !== 'cursor' && place.at !== 'url') return undefined;
  const here = digest(place);
  if (!loop) return { mark: here, steps: 0, power: 1 };
  if (here === loop.mark) {
    throw stuck(
      'pull.cursor_repeats',
      place.at === 'cursor' ? 'gives a cursor that it gave before' : 'names a next page that it named before',
    );
  }
  const steps = loop.steps + 1;
  return steps === loop.power ? { mark: here, steps: 0, power: loop.power * 2 } : { ...loop, steps };
}

const stuck = (code: string, what: string): Unprocessable =>
  new Unprocessable(code, `The source ${what}. The pull was stopped, and the cursor kept where it was.`);
