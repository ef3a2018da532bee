import { writeCursorValue } from '#libs/documents/sources/cursor-value';
import { HttpBody, HttpMethod, HttpPull, HttpSource, Scalar } from '#libs/documents/sources/http';
import { Unprocessable } from '#libs/errors/errors';
import { fillJson, fillText, Values } from './fill-template';
import { digest, OpenPull, Place, Strand } from './http-state';

/** A request as it is sent, but for what tells who asks. */
export interface HttpRequest {
  readonly method: HttpMethod;
  readonly url: string;
  /** What every server may see. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that the document names: for the source's own origin alone, as they may hold credentials. */
  readonly own: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The request for a series' next page of records. */
export function requestFor(source: HttpPull, pull: OpenPull, { place, parent = {} }: Strand): HttpRequest {
  const byParent = Object.entries(parent).map(([name, value]) => [`parent.${name}`, value] as const);
  const { param } = source.window ?? {};
  const values: Values = { ...valuesOf(source, pull, place), ...Object.fromEntries(byParent) };
  const own = { ...counted(source, place), ...(param === undefined ? {} : { [param]: values['window.to'] }) };
  return written(source.http, place, values, own, cursorParam(source, values));
}

/** The request for the next page of parents. */
export function parentRequestFor(source: HttpPull, pull: OpenPull, { place }: Strand): HttpRequest {
  const { parent } = source;
  if (!parent) throw new TypeError('A source without a parent stream has no request for parents.');
  return written(
    parent.http,
    place,
    valuesOf({ ...source, paginate: parent.paginate }, pull, place),
    counted(parent, place),
    {},
  );
}

/** What one request is told from another by, without what must not be kept. */
export const requestDigest = ({ method, url, body }: HttpRequest): string => digest([method, url, body]);

function valuesOf({ cursor, paginate, window }: HttpPull, pull: OpenPull, place: Place): Values {
  const from = pull.window?.from ?? pull.from;
  const write = (value: typeof from, bound: 'from' | 'to'): Scalar | undefined =>
    cursor && value !== undefined ? writeCursorValue(cursor, value, bound) : undefined;
  return {
    cursor: write(from, 'from'),
    ...(window ? { 'window.from': write(from, 'from'), 'window.to': write(pull.window?.to, 'to') } : {}),
    ...(place.at === 'offset' ? { 'page.offset': place.offset } : {}),
    ...(place.at === 'page' ? { 'page.number': place.page } : {}),
    ...(place.at === 'cursor' ? { 'page.cursor': place.cursor } : {}),
    'page.size': (paginate?.offset ?? paginate?.page)?.size?.value,
  };
}

const cursorParam = ({ cursor }: HttpPull, values: Values): Values =>
  cursor?.param === undefined ? {} : { [cursor.param]: values.cursor };

/** The query parameters of pagination itself. */
function counted({ paginate }: Pick<HttpPull, 'paginate'>, place: Place): Values {
  const { offset, page, cursor } = paginate ?? {};
  const size = (offset ?? page)?.size;
  return {
    ...(offset?.param !== undefined && place.at === 'offset' ? { [offset.param]: place.offset } : {}),
    ...(page?.param !== undefined && place.at === 'page' ? { [page.param]: place.page } : {}),
    ...(cursor?.param !== undefined && place.at === 'cursor' ? { [cursor.param]: place.cursor } : {}),
    ...(size?.param === undefined ? {} : { [size.param]: size.value }),
  };
}

function written(http: HttpSource, place: Place, values: Values, own: Values, cursor: Values): HttpRequest {
  const { method = 'GET', headers = {} } = http;
  const body = http.body && bodyOf(http.body, values);
  return {
    method,
    url: place.at === 'url' ? place.url : urlOf(http, values, { ...own, ...cursor }),
    headers: {
      accept: ACCEPT[http.format ?? 'json'],
      ...(body ? { 'content-type': body.type } : {}),
    },
    own: texts(headers, values),
    ...(body ? { body: body.value } : {}),
  };
}

const ACCEPT: Readonly<Record<NonNullable<HttpSource['format']>, string>> = {
  json: 'application/json, */*;q=0.5',
  ndjson: 'application/x-ndjson, */*;q=0.5',
  csv: 'text/csv, */*;q=0.5',
  xml: 'application/xml, text/xml;q=0.9, */*;q=0.5',
};

function urlOf({ url: template, query = {} }: HttpSource, values: Values, own: Values): string {
  const url = new URL(fillText(template, values, inUrl) ?? '');
  for (const [name, value] of Object.entries(query)) {
    const text = typeof value === 'string' ? fillText(value, values) : String(value);
    if (text !== undefined) url.searchParams.set(name, text);
  }
  for (const [name, value] of Object.entries(own)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

/** A value as a piece of a path or a query: it can neither add pieces nor go up. */
function inUrl(value: Scalar): string {
  const text = String(value);
  if (text === '' || text === '.' || text === '..') {
    throw new Unprocessable('pull.url_value', `A value for the URL of the source is "${text}", which leads elsewhere.`);
  }
  return encodeURIComponent(text);
}

function bodyOf({ json, form, text }: HttpBody, values: Values): { readonly type: string; readonly value: string } {
  if (form)
    return { type: 'application/x-www-form-urlencoded', value: new URLSearchParams(texts(form, values)).toString() };
  if (text) return { type: text.type, value: fillText(text.value, values) ?? '' };
  return { type: 'application/json', value: JSON.stringify(fillJson(json, values) ?? null) };
}

const texts = (members: Readonly<Record<string, Scalar>>, values: Values): Record<string, string> =>
  Object.fromEntries(
    Object.entries(members)
      .map(([name, value]) => [name, typeof value === 'string' ? fillText(value, values) : String(value)] as const)
      .filter((member): member is [string, string] => member[1] !== undefined),
  );
