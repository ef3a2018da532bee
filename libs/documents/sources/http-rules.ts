import { Problem } from '../document-problems';
import { parseDuration } from '../duration';
import { xmlPathProblem } from '#libs/framing/xml';
import { isHttpUrl } from '../http-url';
import { readStart, windowMinMs } from './cursor-value';
import { CursorSpec, HttpAuth, HttpFormat, HttpPull, HttpSource, Pagination } from './http';
import { jsonPathProblem } from './json-path-problem';
import { templateProblems, valuesOf } from './template-rules';

const PAGES = ['offset', 'page', 'cursor', 'nextUrl', 'linkHeader', 'none'] as const;
const AUTHS = ['basic', 'bearer', 'apiKey', 'headers', 'oauth2'] as const;
const BODIES = ['json', 'form', 'text'] as const;

/** What no schema can say of an http source. */
export function httpProblems(source: HttpPull): Problem[] {
  const { http, parent, paginate, cursor, window } = source;
  const at = 'spec.source';
  return [
    ...requestProblems(http, `${at}.http`),
    ...paginateProblems(paginate, http, `${at}.paginate`),
    ...(cursor ? cursorProblems(cursor, `${at}.cursor`) : []),
    ...windowProblems(source, `${at}.window`),
    ...templateProblems(http, valuesOf(source), `${at}.http`),
    ...(parent
      ? [
          ...requestProblems(parent.http, `${at}.parent.http`),
          ...paginateProblems(parent.paginate, parent.http, `${at}.parent.paginate`),
          ...pathProblems(Object.entries(parent.values).map(([name, path]) => [`${at}.parent.values.${name}`, path])),
          ...templateProblems(
            parent.http,
            valuesOf({ cursor, window, http: parent.http, paginate: parent.paginate }),
            `${at}.parent.http`,
          ),
          ...((parent.http.format ?? 'json') !== 'json'
            ? [{ path: `${at}.parent.http.format`, message: 'parents are read from json alone' }]
            : []),
          ...(parent.as !== undefined && (http.format ?? 'json') !== 'json'
            ? [{ path: `${at}.parent.as`, message: 'goes with the format json alone' }]
            : []),
        ]
      : []),
    ...(source.limits?.concurrency !== undefined && source.limits.concurrency > 1 && !parent
      ? [{ path: `${at}.limits.concurrency`, message: 'is for children of parent records; pages follow one another' }]
      : []),
  ];
}

function requestProblems({ method = 'GET', body, auth, records, format = 'json' }: HttpSource, at: string): Problem[] {
  const problems = records === undefined ? [] : recordsProblems(records, format, `${at}.records`);
  if (body) problems.push(...oneOf(body, BODIES, `${at}.body`));
  if (body && method === 'GET') {
    problems.push({ path: `${at}.body`, message: 'does not go with GET: name the method POST or PUT' });
  }
  return auth ? [...problems, ...authProblems(auth, `${at}.auth`)] : problems;
}

function recordsProblems(records: string, format: HttpFormat, path: string): Problem[] {
  switch (format) {
    case 'json':
      return pathProblems([[path, records]]);
    case 'xml': {
      const message = xmlPathProblem(records);
      return message === undefined ? [] : [{ path, message }];
    }
    case 'ndjson':
    case 'csv':
      return [{ path, message: `selects from json or xml; of ${format} every line is a record` }];
  }
}

/** What is wrong with the way in which a request tells who asks. */
export function authProblems(auth: HttpAuth, at: string): Problem[] {
  const problems = oneOf(auth, AUTHS, at);
  const { apiKey, oauth2 } = auth;
  if (apiKey) problems.push(...oneOf(apiKey, ['header', 'query'], `${at}.apiKey`));
  if (oauth2 && !isHttpUrl(oauth2.tokenUrl)) {
    problems.push({ path: `${at}.oauth2.tokenUrl`, message: `"${oauth2.tokenUrl}" is not an http or https URL` });
  }
  return problems;
}

function paginateProblems(paginate: Pagination | undefined, { format = 'json' }: HttpSource, at: string): Problem[] {
  if (!paginate) return [];
  const { page, more, cursor, nextUrl } = paginate;
  const problems = oneOf(paginate, PAGES, at);
  const paths = [
    [`${at}.cursor.path`, cursor?.path],
    [`${at}.nextUrl.path`, nextUrl?.path],
    [`${at}.more`, more],
  ] as const;
  problems.push(...pathProblems(paths));
  for (const [path, value] of paths) {
    if (value !== undefined && format !== 'json')
      problems.push({ path, message: `reads json, and pages are ${format}` });
  }
  if (page?.end === 'short' && !page.size) {
    problems.push({ path: `${at}.page.end`, message: 'short of what? name a size' });
  }
  return problems;
}

function cursorProblems(cursor: CursorSpec, at: string): Problem[] {
  const { type = 'time', path, start, lookback, format } = cursor;
  const problems = pathProblems([[`${at}.path`, path]]);
  if (start !== undefined && readStart(cursor) === undefined) {
    const wanted = { time: 'a time as in 2018-01-01T00:00:00Z', number: 'a number', text: 'a text' }[type];
    problems.push({ path: `${at}.start`, message: `must be ${wanted}` });
  }
  if (lookback !== undefined) {
    const fits = {
      time: typeof lookback === 'string' && parseDuration(lookback) !== undefined,
      number: typeof lookback === 'number',
      text: false,
    };
    const wanted = { time: 'a duration as in 10m', number: 'a number', text: 'left out: a text has nothing before it' };
    if (!fits[type]) problems.push({ path: `${at}.lookback`, message: `must be ${wanted[type]}` });
  }
  if (format !== undefined && type !== 'time') problems.push({ path: `${at}.format`, message: 'is for times alone' });
  return problems;
}

function windowProblems({ window, cursor }: HttpPull, at: string): Problem[] {
  if (!window) return [];
  if (!cursor || (cursor.type ?? 'time') !== 'time' || cursor.start === undefined) {
    return [{ path: at, message: 'needs a cursor of the type time that has a start' }];
  }
  const shortest = windowMinMs(cursor);
  const short = (parseDuration(window.size) ?? 0) < shortest;
  return short ? [{ path: `${at}.size`, message: `is too short for the cursor's format: ${shortest}ms at least` }] : [];
}

function oneOf(value: object, names: readonly string[], path: string): Problem[] {
  const found = names.filter((name) => Object.hasOwn(value, name));
  if (found.length === 1) return [];
  const has = found.length === 0 ? 'has none' : `has ${found.join(' and ')}`;
  return [{ path, message: `takes exactly one of ${names.join(', ')}, and ${has}` }];
}

function pathProblems(paths: readonly (readonly [string, string | undefined])[]): Problem[] {
  return paths.flatMap(([path, jsonPath]) => {
    const message = jsonPath === undefined ? undefined : jsonPathProblem(jsonPath);
    return message === undefined ? [] : [{ path, message }];
  });
}
