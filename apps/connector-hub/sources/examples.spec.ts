import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDocuments } from '#libs/documents/parse';
import { kindOf, SOURCE_KINDS } from '#libs/documents/source';
import { substituteEnv } from '#libs/documents/substitute-env';

const ROOT = join(__dirname, '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'connectors.md'), 'utf8');

/** What the page says of a kind, up to the next kind. */
const sectionOf = (kind: string): string =>
  page
    .split(/^(?=#{2,3} `)/m)
    .find((section) => section.startsWith(`## \`${kind}\``) || section.startsWith(`### \`${kind}\``)) ?? '';

/** The kinds of source that the pipelines of a folder have. */
const kindsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => parseDocuments(substituteEnv(readFileSync(join(folder, name), 'utf8'), {}), 'default'))
    .flatMap((document) =>
      document.kind === 'Pipeline' && document.spec.source ? [kindOf(document.spec.source)] : [],
    );

describe.each(Object.keys(SOURCE_KINDS))('the source %s', (kind) => {
  it('is described, with an example that is one', () => {
    const links = [...sectionOf(kind).matchAll(/\]\(\.\.\/(examples\/[^)]+)\)/g)].map(([, path = '']) =>
      join(ROOT, path),
    );
    expect(links.filter((path) => existsSync(path))).not.toEqual([]);
    expect(links.flatMap((path) => kindsIn(dirname(path)))).toContain(kind);
  });

  it('is in the schema that editors and the API know', () => {
    const schema = readFileSync(join(ROOT, 'docs', 'chartly.schema.json'), 'utf8');
    expect(Object.keys(sourceMembersIn(JSON.parse(schema)))).toContain(kind);
  });
});

/** The members of a source, wherever the schema of a pipeline holds them. */
function sourceMembersIn(value: unknown): object {
  if (typeof value !== 'object' || value === null) return {};
  const { source } = value as { source?: { properties?: object } }; // looked at below
  if (source?.properties && 'http' in source.properties) return source.properties;
  return Object.values(value).reduce<object>((found, inner) => ({ ...found, ...sourceMembersIn(inner) }), {});
}
