import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newAjv } from './schema-keywords';

/** Where Debian's package libtest-json-schema-acceptance-perl keeps the official suite. */
const SUITE = '/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance';
const DRAFT = 'draft2020-12';

interface Group {
  readonly description: string;
  readonly schema: object | boolean;
  readonly tests: readonly { readonly description: string; readonly data: unknown; readonly valid: boolean }[];
}

const there = existsSync(join(SUITE, 'tests', DRAFT));
const describeSuite = there ? describe : describe.skip;
const skipped = there ? '' : ' [skipped: libtest-json-schema-acceptance-perl is not installed]';

const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T; // the suite's own shape
const jsonIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));

function outcomes(file: string): { group: string; right: boolean }[] {
  return read<Group[]>(join(SUITE, 'tests', DRAFT, file)).flatMap(({ description, schema, tests }) => {
    const judge = judgeOf(schema);
    return tests.map(({ data, valid }) => ({ group: description, right: judge(data) === valid }));
  });
}

/** The compiler as rows and records use it, with the suite's remote schemas at hand. */
function judgeOf(schema: object | boolean): (data: unknown) => boolean | string {
  const ajv = newAjv(schema);
  const remotes = join(SUITE, 'remotes', DRAFT);
  for (const name of jsonIn(remotes)) {
    ajv.addSchema(read<object>(join(remotes, name)), `http://localhost:1234/${DRAFT}/${name}`);
  }
  try {
    const validate = ajv.compile(schema);
    return (data) => validate(data);
  } catch (thrown) {
    return () => String(thrown);
  }
}

/**
 * Where the validator library (Ajv) differs, by group and with what happens then. A schema that is refused is refused at
 * apply, with a sentence; of the others the documentation tells.
 */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  'a $dynamicRef is resolved within one schema document alone': [
    'A $dynamicRef to a $dynamicAnchor in the same schema resource behaves like a normal $ref to an $anchor',
    'A $dynamicRef to an $anchor in the same schema resource behaves like a normal $ref to an $anchor',
    'A $dynamicRef resolves to the first $dynamicAnchor still in scope that is encountered when the schema is evaluated',
    'A $dynamicRef without anchor in fragment behaves identical to $ref',
    "A $dynamicRef with intermediate scopes that don't include a matching $dynamicAnchor does not affect dynamic scope resolution",
    'An $anchor with the same name as a $dynamicAnchor is not used for dynamic scope resolution',
    'A $dynamicRef without a matching $dynamicAnchor in the same schema resource behaves like a normal $ref to $anchor',
    'A $dynamicRef with a non-matching $dynamicAnchor in the same schema resource behaves like a normal $ref to $anchor',
    'A $dynamicRef that initially resolves to a schema with a matching $dynamicAnchor resolves to the first $dynamicAnchor in the dynamic scope',
    'A $dynamicRef that initially resolves to a schema without a matching $dynamicAnchor behaves like a normal $ref to $anchor',
    'after leaving a dynamic scope, it is not used by a $dynamicRef',
    'tests for implementation dynamic anchor and reference link',
    '$ref and $dynamicAnchor are independent of order - $defs first',
    '$ref and $dynamicAnchor are independent of order - $ref first',
    'validate definition against metaschema',
  ],
  'a $ref over two bases, or to a remote schema that has another $id than its address, is refused': [
    'refs with relative uris and defs',
    'relative refs with absolute uris and defs',
    'URN ref with nested pointer ref',
    'remote HTTP ref with different $id',
    'remote HTTP ref with different URN $id',
    'remote HTTP ref with nested absolute ref',
  ],
  'unevaluatedItems does not know what contains and nested items have seen': [
    'unevaluatedItems with nested items',
    'unevaluatedItems depends on adjacent contains',
    'unevaluatedItems depends on multiple nested contains',
    'unevaluatedItems and contains interact to control item dependency relationship',
  ],
  'what an if that failed has seen counts as evaluated': ['unevaluatedProperties with if/then/else, then not defined'],
  'an $id in a keyword that nobody knows is taken for one': ['$id inside an unknown keyword is not a real identifier'],
  "a metaschema of one's own does not switch keywords off": [
    'schema that uses custom metaschema with with no validation vocabulary',
  ],
  'a property named __proto__ is not validated': ['properties whose names are Javascript object property names'],
};

describeSuite(`rule 31: the official JSON-Schema-Test-Suite for 2020-12${skipped}`, () => {
  const files = there ? readdirSync(join(SUITE, 'tests', DRAFT)).filter((name) => name.endsWith('.json')) : [];
  const all = files.flatMap(outcomes);

  it('is there whole', () => {
    expect(files.length).toBeGreaterThanOrEqual(48);
    expect(all.length).toBeGreaterThan(1_100);
  });

  it('passes, but for the groups that are named here, each of which still needs its name', () => {
    const wrong = new Set(all.filter(({ right }) => !right).map(({ group }) => group));
    expect([...wrong].sort()).toEqual(Object.values(EXCEPTIONS).flat().sort());
  });
});
