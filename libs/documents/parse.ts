import Ajv2020, { ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import { Problem, problemsOf } from './document-problems';
import { DOCUMENT_SCHEMAS } from './document-schemas';
import { Document, DocumentKind, DOCUMENT_KINDS } from './pipeline';
import { pipelineProblems } from './pipeline-rules';
import { nearest } from './nearest';
import { secretProblem } from './secret-references';
import { DEPTH_MAX, readYaml, TextRefused, YamlText } from './read-yaml';
import { ConnectionPlace, urlProblems } from './resolve-source';
import { SOURCE_KINDS } from './source';
import { authProblems } from './sources/http-rules';

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** The compiler of a schema goes from reference to reference by recursion. */
const REFS_MAX = 100;

/** What apply and the command line fill in; left standing anywhere else, it would be taken for a value. */
const LEFT_OPEN = /\$\{(env|connection)\.[^}]*\}?/;
const SOURCE_URL = /^spec\.source\.(?:parent\.)?[a-z]+\.url$/;
const CONNECTION_URL = /^\$\{connection\.[a-z][a-z0-9_-]*\}/;

/** A connection is for any kind of source that has a URL. */
const CONNECTION_SCHEMES = [...new Set(Object.values(SOURCE_KINDS).flatMap(({ schemes }) => schemes))];

const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true, strictRequired: false });
addFormats(ajv);

const VALIDATORS = Object.fromEntries(
  Object.entries(DOCUMENT_SCHEMAS).map(([kind, schema]) => [kind, ajv.compile(schema)]),
) as Record<DocumentKind, ValidateFunction>; // one a kind

/**
 * The documents in a text of YAML 1.2 or JSON. Strict: an unknown field is an error that names the nearest known one.
 * Throws Unprocessable `document.invalid` with all problems of all documents at once.
 */
export function parseDocuments(text: string, project: string): Document[] {
  const problems: FieldProblem[] = [];
  const documents: Document[] = [];
  for (const written of readOrRefuse(text)) {
    if (written.problems.length > 0) problems.push(...written.problems.map((message) => ({ path: '', message })));
    else if (written.value !== undefined) {
      try {
        refuseHostileShape(written.value, 0);
        documents.push(checked(written.value, project, written.lineOf));
      } catch (thrown) {
        if (!(thrown instanceof Rejected)) throw thrown;
        problems.push(...thrown.problems);
      }
    }
  }
  if (problems.length === 0 && documents.length === 0)
    problems.push({ path: '', message: 'there is no document in it' });
  problems.push(...twice(documents));
  if (problems.length > 0) throw invalid(problems);
  return documents;
}

function readOrRefuse(text: string): YamlText[] {
  try {
    return readYaml(text);
  } catch (thrown) {
    if (thrown instanceof TextRefused) throw invalid([{ path: '', message: `the text ${thrown.message}` }]);
    throw thrown;
  }
}

/** The error that names each problem. */
export function invalid(problems: readonly FieldProblem[]): Unprocessable {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const where = first?.path ? `${first.path}: ` : '';
  return new Unprocessable('document.invalid', `${where}${first?.message ?? 'is wrong'}${more}.`, { fields: problems });
}

class Rejected extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super('rejected');
  }
}

function checked(value: unknown, project: string, lineOf: YamlText['lineOf']): Document {
  if (typeof value !== 'object' || value === null)
    throw new Rejected([{ path: '', message: 'a document is an object' }]);
  const kind: unknown = Reflect.get(value, 'kind');
  const validate =
    typeof kind === 'string' && Object.hasOwn(VALIDATORS, kind) ? VALIDATORS[kind as DocumentKind] : undefined; // just looked up
  if (!validate) {
    const meant = typeof kind === 'string' ? nearest(kind, DOCUMENT_KINDS) : undefined;
    const hint = meant ? `; did you mean "${meant}"?` : `; known are ${DOCUMENT_KINDS.join(', ')}`;
    throw new Rejected([located({ path: 'kind', message: `unknown kind ${JSON.stringify(kind)}${hint}` }, lineOf)]);
  }
  const name = nameOf(value);
  const prefixed = (problems: readonly Problem[]): Problem[] =>
    problems
      .map((problem) => located(problem, lineOf))
      .map(({ path, message }) => ({ path: `${String(kind)}/${name}: ${path}`, message }));
  if (!validate(value)) throw new Rejected(prefixed(problemsOf(validate.errors ?? [])));
  const document = value as Document; // its schema was just held against it
  const withProject: Document = {
    ...document,
    metadata: { ...document.metadata, project: document.metadata.project ?? project },
  }; // the same kind
  if (withProject.metadata.project !== project) {
    throw new Rejected(
      prefixed([
        {
          path: 'metadata.project',
          message: `is "${withProject.metadata.project}", but the documents are applied to "${project}"`,
        },
      ]),
    );
  }
  const problems = [...leftOpen(withProject), ...semanticProblems(withProject)];
  if (problems.length > 0) throw new Rejected(prefixed(problems));
  return withProject;
}

/** The problem with the line on which it stands. */
function located({ path, message }: Problem, lineOf: YamlText['lineOf']): Problem {
  const line = lineOf(path);
  return { path, message: line === undefined ? message : `${message} (line ${line})` };
}

function leftOpen(document: Document): Problem[] {
  const inside = (value: unknown, path: string): Problem[] => {
    if (typeof value === 'string') {
      const secret = secretProblem(value, path);
      if (secret !== undefined) return [{ path, message: secret }];
      const text = SOURCE_URL.test(path) ? value.replace(CONNECTION_URL, '') : value;
      const [reference, of] = LEFT_OPEN.exec(text) ?? [];
      if (reference === undefined) return [];
      const why =
        of === 'env'
          ? 'is not set; set it, or write a default as in ${env.NAME:-default}'
          : 'cannot stand here: a connection begins the url of a source and nothing else';
      return [{ path, message: `${reference} ${why}` }];
    }
    if (Array.isArray(value)) return value.flatMap((item, at) => inside(item, `${path}[${at}]`));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, member]) => inside(member, `${path}.${name}`));
  };
  return inside(document.spec, 'spec');
}

function semanticProblems(document: Document): Problem[] {
  switch (document.kind) {
    case 'Pipeline':
      return pipelineProblems(document.spec);
    case 'Schema':
      return schemaProblems(document.spec.jsonSchema);
    case 'Connection':
      return connectionProblems(document.spec);
  }
}

function schemaProblems(schema: object): Problem[] {
  if (refsIn(schema) > REFS_MAX) {
    return [{ path: 'spec.jsonSchema', message: `refers to other places more than ${REFS_MAX} times` }];
  }
  const own = new Ajv2020({ strict: false });
  addFormats(own);
  try {
    own.compile(schema);
    return [];
  } catch (thrown) {
    return [{ path: 'spec.jsonSchema', message: thrown instanceof Error ? thrown.message : 'is no JSON Schema' }];
  }
}

const refsIn = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.entries(value).reduce(
        (sum, [key, member]) => sum + (/^\$(dynamic)?ref$/i.test(key) ? 1 : 0) + refsIn(member),
        0,
      );

const connectionProblems = ({ url, auth }: ConnectionPlace): Problem[] => [
  ...urlProblems(url, CONNECTION_SCHEMES, 'spec.url'),
  ...(auth ? authProblems(auth, 'spec.auth') : []),
];

function twice(documents: readonly Document[]): Problem[] {
  const seen = new Set<string>();
  return documents.flatMap((document) => {
    const version = document.kind === 'Schema' ? `@${document.spec.version}` : '';
    const id = `${document.kind}/${document.metadata.name}${version}`;
    if (seen.has(id)) return [{ path: id, message: 'stands here twice' }];
    seen.add(id);
    return [];
  });
}

function nameOf(value: object): string {
  const metadata: unknown = Reflect.get(value, 'metadata');
  const name: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'name') : undefined;
  return typeof name === 'string' ? name : '?';
}

/** Refuses what no store of ours can hold, or what could reach further than a value should. */
function refuseHostileShape(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw new Rejected([{ path: '', message: `is nested more than ${DEPTH_MAX} levels deep` }]);
  if (typeof value === 'string') refuseUnstorable(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Rejected([{ path: '', message: `${value} is a number that JSON cannot write` }]);
  }
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Rejected([{ path: '', message: 'holds a tag like !!binary or !!set, which has no JSON form' }]);
  }
  for (const [key, member] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) throw new Rejected([{ path: key, message: 'is not allowed as a key' }]);
    refuseUnstorable(key);
    refuseHostileShape(member, depth + 1);
  }
}

function refuseUnstorable(text: string): void {
  if (text.includes('\0')) throw new Rejected([{ path: '', message: 'a text holds the character U+0000' }]);
  if (!text.isWellFormed()) throw new Rejected([{ path: '', message: 'a text holds a lone surrogate' }]);
}
