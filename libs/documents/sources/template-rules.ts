import { Problem } from '../document-problems';
import { nearest } from '../nearest';
import { templateNames, templateParts } from '../template';
import { HttpPull, HttpSource } from './http';

/** The values that the templates of a request may want, by what its source says. */
export function valuesOf({ cursor, window, paginate, parent }: HttpPull): ReadonlySet<string> {
  const sized = paginate?.offset ?? paginate?.page?.size;
  return new Set([
    ...(cursor ? ['cursor'] : []),
    ...(window ? ['window.from', 'window.to'] : []),
    ...(paginate?.offset ? ['page.offset'] : []),
    ...(paginate?.page ? ['page.number'] : []),
    ...(paginate?.cursor ? ['page.cursor'] : []),
    ...(sized ? ['page.size'] : []),
    ...Object.keys(parent?.values ?? {}).map((name) => `parent.${name}`),
  ]);
}

/** What is wrong with the templates of a request. */
export function templateProblems(http: HttpSource, known: ReadonlySet<string>, at: string): Problem[] {
  const problems: Problem[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string') {
      for (const name of templateNames(value)) {
        if (!known.has(name)) problems.push({ path, message: unknownValue(name, known) });
      }
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => look(item, `${path}[${index}]`));
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) look(member, `${path}.${name}`);
    }
  };
  for (const member of ['url', 'headers', 'query', 'body'] as const) look(http[member], `${at}.${member}`);
  if (!originStands(http.url)) {
    problems.push({ path: `${at}.url`, message: 'has a template in its origin: only a path or a query may change' });
  }
  return problems;
}

function unknownValue(name: string, known: ReadonlySet<string>): string {
  const meant = nearest(name, known);
  if (meant !== undefined) return `there is no value \${${name}}; did you mean \${${meant}}?`;
  const there = known.size === 0 ? 'this source has none' : `there are ${[...known].join(', ')}`;
  return `there is no value \${${name}}: ${there}`;
}

/** Whether scheme, host and port are the same whatever the templates give. */
function originStands(url: string): boolean {
  const filled = (value: string): string =>
    templateParts(url.replace(/^\$\{connection\.[^}]*\}/, 'http://connection'))
      .map((part) => ('name' in part ? value : part.text))
      .join('');
  const [a, b] = ['1', '22'].map(filled) as [string, string]; // two values give two
  return !URL.canParse(a) || !URL.canParse(b) || new URL(a).origin === new URL(b).origin;
}
