import Ajv2020, { ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { LineCounter, parseAllDocuments } from 'yaml';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';
import { Problem, problemsOf } from './document-problems';
import { Document, DocumentKind, DOCUMENT_KINDS } from './pipeline';
import { CONNECTION_SCHEMA, SCHEMA_SCHEMA } from './schemas/others.schema';
import { PIPELINE_SCHEMA } from './schemas/pipeline.schema';
import { pipelineProblems } from './pipeline-rules';
import { nearest } from './nearest';

const ALIASES_MAX = 50;
const DOCUMENTS_MAX = 200;
const DEPTH_MAX = 64;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true, strictRequired: false });
addFormats(ajv);

const VALIDATORS: Readonly<Record<DocumentKind, ValidateFunction>> = {
  Pipeline: ajv.compile(PIPELINE_SCHEMA),
  Schema: ajv.compile(SCHEMA_SCHEMA),
  Connection: ajv.compile(CONNECTION_SCHEMA),
};

/**
 * The documents in a text of YAML 1.2 or JSON. Strict: an unknown field is an error that names the nearest known one.
 * Throws Unprocessable `document.invalid` with all problems of all documents at once.
 */
export function parseDocuments(text: string, project: string): Document[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, version: '1.2', schema: 'core' });
  const problems: FieldProblem[] = [];
  const documents: Document[] = [];
  if (!Array.isArray(parsed) || parsed.length > DOCUMENTS_MAX) {
    throw invalid([{ path: '', message: `holds no document, or more than ${DOCUMENTS_MAX}` }]);
  }
  for (const one of parsed) {
    if (one.errors.length > 0) {
      problems.push(
        ...one.errors.map(({ message, linePos }) => ({ path: `line ${linePos?.[0].line ?? '?'}`, message })),
      );
      continue;
    }
    if (one.contents === null) continue;
    try {
      const value: unknown = one.toJS({ maxAliasCount: ALIASES_MAX });
      refuseHostileShape(value, 0);
      documents.push(checked(value, project));
    } catch (thrown) {
      if (thrown instanceof Rejected) {
        problems.push(...thrown.problems);
      } else {
        problems.push({ path: '', message: thrown instanceof Error ? thrown.message : 'cannot be read' });
      }
    }
  }
  if (problems.length === 0 && documents.length === 0)
    problems.push({ path: '', message: 'there is no document in it' });
  problems.push(...twice(documents));
  if (problems.length > 0) throw invalid(problems);
  return documents;
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

function checked(value: unknown, project: string): Document {
  if (typeof value !== 'object' || value === null)
    throw new Rejected([{ path: '', message: 'a document is an object' }]);
  const kind: unknown = Reflect.get(value, 'kind');
  const validate =
    typeof kind === 'string' && Object.hasOwn(VALIDATORS, kind) ? VALIDATORS[kind as DocumentKind] : undefined; // just looked up
  if (!validate) {
    const meant = typeof kind === 'string' ? nearest(kind, DOCUMENT_KINDS) : undefined;
    const hint = meant ? `; did you mean "${meant}"?` : `; known are ${DOCUMENT_KINDS.join(', ')}`;
    throw new Rejected([{ path: 'kind', message: `unknown kind ${JSON.stringify(kind)}${hint}` }]);
  }
  const name = nameOf(value);
  const prefixed = (problems: readonly Problem[]): Problem[] =>
    problems.map(({ path, message }) => ({ path: `${String(kind)}/${name}: ${path}`, message }));
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
  const problems = semanticProblems(withProject);
  if (problems.length > 0) throw new Rejected(prefixed(problems));
  return withProject;
}

function semanticProblems(document: Document): Problem[] {
  switch (document.kind) {
    case 'Pipeline':
      return pipelineProblems(document.spec);
    case 'Schema':
      return schemaProblems(document.spec.jsonSchema);
    case 'Connection':
      return urlProblems(document.spec.url);
  }
}

function schemaProblems(schema: object): Problem[] {
  const own = new Ajv2020({ strict: false });
  addFormats(own);
  try {
    own.compile(schema);
    return [];
  } catch (thrown) {
    return [{ path: 'spec.jsonSchema', message: thrown instanceof Error ? thrown.message : 'is no JSON Schema' }];
  }
}

function urlProblems(url: string): Problem[] {
  const ok = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  return ok ? [] : [{ path: 'spec.url', message: `"${url}" is not an http or https URL` }];
}

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

function refuseHostileShape(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw new Rejected([{ path: '', message: `is nested more than ${DEPTH_MAX} levels deep` }]);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.has(key)) throw new Rejected([{ path: key, message: 'is not allowed as a key' }]);
    refuseHostileShape(member, depth + 1);
  }
}
