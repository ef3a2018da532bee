import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { DocumentPlan } from '#libs/contracts/orchestrator.contract';
import { InstallSteps, NormalizerContract } from '#libs/contracts/normalizer.contract';
import { FieldProblem } from '#libs/errors/errors';
import { digestOf } from '#libs/documents/canonical';
import { differences } from '#libs/documents/diff';
import { invalid, parseDocuments } from '#libs/documents/parse';
import { Document, PipelineDocument, SchemaDocument } from '#libs/documents/pipeline';
import { References, ResolvedPipeline, resolvePipeline } from '#libs/documents/resolve';
import { effectsOf } from './effects';
import { installSteps } from './install-requests';
import { DocumentLibrary } from './library';

/** A document with what applying it would do. */
export interface PlannedDocument {
  readonly document: Document;
  readonly resolved?: ResolvedPipeline;
  readonly plan: DocumentPlan;
}

export interface PlannedChange {
  readonly documents: readonly PlannedDocument[];
  /** Digest over the versions that the plan starts from. */
  readonly basis: string;
}

/** Works out what applying documents would change. Changes nothing. */
@Injectable()
export class Planner {
  constructor(
    private readonly library: DocumentLibrary,
    private readonly normalizer: NormalizerContract,
  ) {}

  /** Throws Unprocessable `document.invalid` that names each problem of each document. */
  async plan(project: string, text: string, tx: EntityManager): Promise<PlannedChange> {
    const given = parseDocuments(text, project);
    const stored = await this.library.all(project, tx);
    const documents = [...given, ...dependents(given, stored)].sort((a, b) => ORDER[a.kind] - ORDER[b.kind]);
    const problems: FieldProblem[] = [];
    const planned: PlannedDocument[] = [];
    for (const document of documents) {
      const resolved = await this.resolve(document, given, stored, project, problems, tx);
      if (resolved === 'invalid') continue;
      planned.push(await this.planOne(document, resolved, problems, tx));
    }
    if (problems.length > 0) throw invalid(problems);
    const start = planned.map(({ plan }) => [plan.kind, plan.name, plan.fromVersion ?? 0]);
    return { documents: planned, basis: digestOf(start) };
  }

  private async resolve(
    document: Document,
    given: readonly Document[],
    stored: readonly Document[],
    project: string,
    problems: FieldProblem[],
    tx: EntityManager,
  ): Promise<ResolvedPipeline | undefined | 'invalid'> {
    if (document.kind !== 'Pipeline') return undefined;
    const schemas = await this.schemasOf(document, given, project, tx);
    const references: References = {
      schema: (ref) => schemas.get(ref)?.spec.jsonSchema,
      connection: (name) => {
        const found = [...given, ...stored].find(
          ({ kind, metadata }) => kind === 'Connection' && metadata.name === name,
        );
        return found?.kind === 'Connection' ? found.spec : undefined;
      },
    };
    const resolved = resolvePipeline(document, references);
    const prefix = `Pipeline/${document.metadata.name}: `;
    if (Array.isArray(resolved)) {
      problems.push(...resolved.map(({ path, message }) => ({ path: prefix + path, message })));
      return 'invalid';
    }
    const steps: InstallSteps = installSteps({ project, pipeline: document.metadata.name, version: 1 }, resolved);
    const { problems: found } = await this.normalizer.check(steps);
    problems.push(...found.map(({ path, message }) => ({ path: prefix + path, message })));
    return found.length > 0 ? 'invalid' : resolved;
  }

  private async schemasOf(
    { spec }: PipelineDocument,
    given: readonly Document[],
    project: string,
    tx: EntityManager,
  ): Promise<Map<string, SchemaDocument>> {
    const found = new Map<string, SchemaDocument>();
    for (const { validate } of spec.steps) {
      if (!validate) continue;
      const [name = '', version] = validate.schema.split('@');
      const isIt = (one: Document): one is SchemaDocument =>
        one.kind === 'Schema' && one.metadata.name === name && one.spec.version === Number(version);
      const schema = given.find(isIt) ?? (await this.library.schema(project, name, Number(version), tx));
      if (schema?.kind === 'Schema') found.set(validate.schema, schema);
    }
    return found;
  }

  private async planOne(
    document: Document,
    resolved: ResolvedPipeline | undefined,
    problems: FieldProblem[],
    tx: EntityManager,
  ): Promise<PlannedDocument> {
    const { kind, metadata } = document;
    const latest = await this.library.latest(metadata.project, kind, metadata.name, tx);
    const digest = digestOf({ document, resolved: resolved ?? null });
    const unchanged = latest?.version.digest === digest;
    if (latest && !unchanged && document.kind === 'Schema')
      problems.push(...rewritten(document, latest.version.document));
    const fromVersion = latest?.version.version;
    const plan: DocumentPlan = {
      kind,
      name: metadata.name,
      change: unchanged ? 'unchanged' : latest ? 'update' : 'create',
      fromVersion,
      toVersion: unchanged ? latest.version.version : (fromVersion ?? 0) + 1,
      digest,
      fields: latest && !unchanged ? differences(latest.version.document, document) : [],
      effects: unchanged ? [] : effectsOf(document, resolved, latest?.version.resolved ?? undefined),
    };
    return { document, resolved, plan };
  }
}

const ORDER = { Schema: 0, Connection: 1, Pipeline: 2 } as const;

/** Pipelines that are not given but refer to a connection that is: a change of it gives them a new version. */
function dependents(given: readonly Document[], stored: readonly Document[]): PipelineDocument[] {
  const isGiven = (name: string): boolean =>
    given.some(({ kind, metadata }) => kind === 'Pipeline' && metadata.name === name);
  const connections = given.filter(({ kind }) => kind === 'Connection').map(({ metadata }) => metadata.name);
  return stored
    .filter((document) => document.kind === 'Pipeline')
    .filter(({ metadata }) => !isGiven(metadata.name))
    .filter(({ spec }) => connections.some((name) => spec.source?.http.url.includes(`\${connection.${name}}`)));
}

/** What a schema's version says never changes: pipelines were frozen on it. */
function rewritten(document: SchemaDocument, before: Document): FieldProblem[] {
  if (before.kind !== 'Schema' || before.spec.version !== document.spec.version) return [];
  if (digestOf(before.spec) === digestOf(document.spec)) return [];
  const next = document.spec.version + 1;
  return [
    {
      path: `Schema/${document.metadata.name}: spec.version`,
      message: `version ${document.spec.version} exists with another content; give the changed schema version ${next}`,
    },
  ];
}
