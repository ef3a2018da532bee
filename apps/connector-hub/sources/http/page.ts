import { createHash } from 'node:crypto';
import { CursorValue, later, readCursorValue } from '#libs/documents/sources/cursor-value';
import { CursorSpec, HttpPull, Pagination } from '#libs/documents/sources/http';
import { Unprocessable } from '#libs/errors/errors';
import { find } from '../json-path';
import { RecordPart } from '../source-reader';
import { ParentValues } from './http-state';
import { linkTarget } from './link-header';
import { pageMalformed } from './page-malformed';
import { readJsonPage } from './page-json';
import { readCsvPage, readLines, readXmlPage } from './page-text';
import { NO_RECORDS, PageRecords } from './page-records';
import { PageFacts } from './places';

/** A body as it came, with what its headers say. */
export interface AnsweredBody {
  readonly body: Buffer;
  /** Where it came from, after redirects: relative URLs in it are relative to that. */
  readonly url: string;
  readonly link?: string;
  /** The server said that there is nothing (204). */
  readonly noContent?: boolean;
}

export interface Page {
  readonly parts: readonly RecordPart[];
  readonly facts: PageFacts;
  readonly newest?: CursorValue;
}

/**
 * The records of a page, cut out as they came, and where it leads. Throws Unprocessable `pull.page_malformed` for a body
 * that is not what the source was said to give, BadRequest `events.malformed` for a record that is too large or deep.
 */
export function readPage(source: HttpPull, answer: AnsweredBody, parent?: ParentValues): Page {
  const { parts, count, values, document } = answer.noContent ? NO_RECORDS : recordsOf(source, answer.body, parent);
  const newest = source.cursor && newestOf(source.cursor, values());
  return { parts, facts: factsOf(source, answer, count, document), newest };
}

/** The values of the parents on a page. Throws Unprocessable `pull.page_malformed`, `pull.parents`, `pull.parent_value`. */
export function readParents(
  { http, paginate, values: paths }: NonNullable<HttpPull['parent']>,
  answer: AnsweredBody,
): { readonly facts: PageFacts; readonly parents: ParentValues[] } {
  const { values, count, document } = answer.noContent ? NO_RECORDS : readJsonPage(answer.body, http.records);
  if (count > PARENTS_MAX) {
    throw new Unprocessable('pull.parents', `A page has ${count} parents; ${PARENTS_MAX} are taken at once.`);
  }
  const parents = Array.from(values(), (record) =>
    Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, parentValue(name, find(path, record)[0])])),
  );
  return { facts: factsOf({ http, paginate }, answer, count, document), parents };
}

/** They stand in the checkpoint until their children were asked for. */
const PARENTS_MAX = 5_000;
const PARENT_VALUE_MAX_CHARS = 500;

function recordsOf({ http, parent: stream }: HttpPull, body: Buffer, parent: ParentValues | undefined): PageRecords {
  switch (http.format ?? 'json') {
    case 'json':
      return readJsonPage(body, http.records, parent && stream?.as !== undefined ? { [stream.as]: parent } : undefined);
    case 'ndjson':
      return readLines(body);
    case 'csv':
      return readCsvPage(body);
    case 'xml':
      return readXmlPage(body, http.records);
  }
}

function newestOf(cursor: CursorSpec, records: Iterable<unknown>): CursorValue | undefined {
  let newest: CursorValue | undefined;
  for (const record of records) newest = later(newest, readCursorValue(cursor, find(cursor.path, record)[0]));
  return newest;
}

function parentValue(name: string, value: unknown): string | number | boolean {
  if (typeof value === 'string' && value.length <= PARENT_VALUE_MAX_CHARS) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  throw new Unprocessable(
    'pull.parent_value',
    `A parent record has no plain value for "${name}" (a text of ${PARENT_VALUE_MAX_CHARS} characters, a number or a boolean), so its children cannot be asked for.`,
  );
}

function factsOf(
  { http, paginate }: Pick<HttpPull, 'http' | 'paginate'>,
  answer: AnsweredBody,
  count: number,
  document: unknown,
): PageFacts {
  const more = paginate?.more === undefined ? undefined : at(paginate.more, document);
  const next = paginate && nextOf(paginate, answer, document, http.auth?.apiKey?.query);
  return {
    count,
    digest: createHash('sha256').update(answer.body).digest('base64url').slice(0, 22),
    ...(next === undefined ? {} : { next }),
    ...(typeof more === 'boolean' ? { more } : {}),
  };
}

/** `keyParam` holds the key to the source: many repeat it in the next URL, and what is next stands in the checkpoint. */
function nextOf(
  { cursor, nextUrl, linkHeader }: Pagination,
  answer: AnsweredBody,
  document: unknown,
  keyParam: string | undefined,
): string | number | undefined {
  if (cursor) {
    const next = at(cursor.path, document);
    return (typeof next === 'string' && next !== '') || typeof next === 'number' ? next : undefined;
  }
  const url = nextUrl
    ? at(nextUrl.path, document)
    : linkHeader && linkTarget(answer.link ?? '', linkHeader.rel ?? 'next');
  if (typeof url !== 'string' || url === '') return undefined;
  if (URL.canParse(url, answer.url)) return without(new URL(url, answer.url), keyParam).href;
  throw pageMalformed(`names "${url.slice(0, 200)}" as the next page, which is no URL`);
}

function without(url: URL, param: string | undefined): URL {
  if (param !== undefined && url.searchParams.has(param)) url.searchParams.delete(param);
  return url;
}

const at = (path: string, document: unknown): unknown => (document === undefined ? undefined : find(path, document)[0]);
