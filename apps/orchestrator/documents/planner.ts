import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { DocumentPlan } from '#libs/contracts/orchestrator.contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { InstallSteps } from '#libs/contracts/steps';
import { StorageContract } from '#libs/contracts/storage.contract';
import { FieldProblem } from '#libs/errors/errors';
import { incompatibilities } from '#libs/documents/compatibility/modes';
import { digestOf } from '#libs/documents/canonical';
import { differences } from '#libs/documents/diff';
import { invalid, parseDocuments } from '#libs/documents/parse';
import { Document, PipelineDocument, SchemaDocument } from '#libs/documents/pipeline';
import { References, ResolvedPipeline, resolvePipeline } from '#libs/documents/resolve';
import { effectsOf } from './effects';
import { pullsFrom } from './references';
import { installDataset, installSteps } from './install-requests';
import { LookupTables } from './lookup-tables';
import { DocumentLibrary } from './library';

/** A document with what applying it would do. */
export interface PlannedDocument {
  readonly document: Document;
  readonly resolved?: ResolvedPipeline;
  readonly plan: DocumentPlan;
}

export interface PlannedChange {
  readonly documents: readonly PlannedDocument[];
  /** Digest over the versions that the plan starts from and what it comes to, references written out. */
  readonly basis: string;
}

/** Works out what applying documents would change. Changes nothing. */
@Injectable()
export class Planner {
  constructor(
    private readonly library: DocumentLibrary,
    private readonly normalizer: NormalizerContract,
    private readonly storage: StorageContract,
    private readonly lookups: LookupTables,
  ) {}

  /** Throws Unprocessable `document.invalid` that names each problem of each document. */
  async plan(project: string, text: string, tx: EntityManager): Promise<PlannedChange> {
    const given = parseDocuments(text, project);
    const stored = await this.library.all(project, tx);
    const documents = [...given, ...dependents(given, stored)].sort((a, b) => ORDER[a.kind] - ORDER[b.kind]);
    const problems: FieldProblem[] = [];
    const planned: PlannedDocument[] = [];
    const warnings = new Map<Document, string[]>();
    for (const document of documents) {
      const resolved = await this.resolve(document, given, stored, project, problems, warnings, tx);
      if (document.kind === 'Schema') problems.push(...(await this.incompatible(document, given, tx)));
      if (resolved === 'invalid') continue;
      const writtenBefore = planned.filter(({ plan }) => isSame(plan, document) && plan.change !== 'unchanged').length;
      const bare = await this.planOne(document, resolved, writtenBefore, problems, tx);
      const one = { ...bare, plan: { ...bare.plan, warnings: warnings.get(document) ?? [] } };
      if (given.includes(document)) planned.push(one);
      else planned.push(withReason(one, given));
    }
    if (problems.length > 0) throw invalid(problems);
    const start = planned.map(({ plan }) => [plan.kind, plan.name, plan.fromVersion ?? 0, plan.digest]);
    return { documents: planned, basis: digestOf(start) };
  }

  private async resolve(
    document: Document,
    given: readonly Document[],
    stored: readonly Document[],
    project: string,
    problems: FieldProblem[],
    warnings: Map<Document, string[]>,
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
    const ref = { project, pipeline: document.metadata.name, version: 1 };
    const unread: FieldProblem[] = [];
    const written = await this.lookups.written(project, resolved, unread);
    problems.push(...unread.map(({ path, message }) => ({ path: prefix + path, message })));
    if (unread.length > 0) return 'invalid';
    const steps: InstallSteps = installSteps(ref, written);
    const { problems: found, warnings: risks = [] } = await this.normalizer.check(steps);
    warnings.set(
      document,
      risks.map(({ path, message }) => `${path}: ${message}`),
    );
    problems.push(...found.map(({ path, message }) => ({ path: prefix + path, message })));
    const { problems: breaks } = await this.storage.checkDataset(installDataset(ref, written));
    problems.push(...breaks.map((message) => ({ path: `${prefix}spec.store`, message })));
    return found.length + breaks.length > 0 ? 'invalid' : written;
  }

  /** What a schema's new version breaks of the promise to those before it. */
  private async incompatible(
    { metadata: { project, name }, spec }: SchemaDocument,
    given: readonly Document[],
    tx: EntityManager,
  ): Promise<FieldProblem[]> {
    const beside = given.filter((one): one is SchemaDocument => one.kind === 'Schema' && one.metadata.name === name);
    const earlier = [...(await this.library.schemas(project, name, tx)), ...beside]
      .map((one) => one.spec)
      .filter(({ version }) => version < spec.version)
      .sort((a, b) => a.version - b.version);
    const mode = spec.compatibility ?? earlier.at(-1)?.compatibility ?? 'none';
    return incompatibilities(mode, spec.jsonSchema, earlier).map(({ path, message, version, direction }) => {
      const [who, whom] =
        direction === 'backward' ? [`version ${spec.version}`, `version ${version}`] : [`version ${version}`, 'this'];
      return {
        path: `Schema/${name}: spec.jsonSchema${path === '' ? '' : `.${path}`}`,
        message: `breaks "${mode}" compatibility: ${who} must accept all that ${whom} accepts, and ${message}`,
      };
    });
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
      const schema = given.find(isIt) ?? (await this.library.schema(project, name, Number(version), tx))?.document;
      if (schema?.kind === 'Schema') found.set(validate.schema, schema);
    }
    return found;
  }

  private async planOne(
    document: Document,
    resolved: ResolvedPipeline | undefined,
    writtenBefore: number,
    problems: FieldProblem[],
    tx: EntityManager,
  ): Promise<PlannedDocument> {
    const { kind, metadata } = document;
    const { project, name } = metadata;
    const found = await this.library.latest(project, kind, name, tx);
    const latest = found?.record.state === 'removing' ? undefined : found;
    const before =
      document.kind === 'Schema'
        ? await this.library.schema(project, name, document.spec.version, tx)
        : latest?.version;
    const digest = digestOf({ document, resolved: resolved ?? null });
    const unchanged = before?.digest === digest;
    if (before && document.kind === 'Schema') problems.push(...rewritten(document, before.document));
    const plan: DocumentPlan = {
      kind,
      name,
      change: unchanged ? 'unchanged' : latest ? 'update' : 'create',
      fromVersion: latest?.version.version,
      toVersion: unchanged ? before.version : (await this.library.nextVersion(project, kind, name, tx)) + writtenBefore,
      digest,
      fields: latest && !unchanged ? differences((before ?? latest.version).document, document) : [],
      warnings: [],
      effects: unchanged ? [] : effectsOf(document, resolved, latest?.version.resolved ?? undefined),
    };
    return { document, resolved, plan };
  }
}

const ORDER = { Schema: 0, Connection: 1, Pipeline: 2 } as const;

const isSame = (plan: DocumentPlan, { kind, metadata }: Document): boolean =>
  plan.kind === kind && plan.name === metadata.name;

/** Pipelines that are not given but pull from a connection that changes: they get a new version too. */
function dependents(given: readonly Document[], stored: readonly Document[]): PipelineDocument[] {
  const changed = given
    .filter(({ kind }) => kind === 'Connection')
    .filter((one) => stored.some((old) => old.kind === 'Connection' && old.metadata.name === one.metadata.name))
    .filter((one) => !stored.some((old) => old.kind === 'Connection' && digestOf(old) === digestOf(one)))
    .map(({ metadata }) => metadata.name);
  const isGiven = ({ metadata }: Document): boolean =>
    given.some(({ kind, metadata: { name } }) => kind === 'Pipeline' && name === metadata.name);
  return stored
    .filter((document) => document.kind === 'Pipeline')
    .filter((pipeline) => !isGiven(pipeline) && changed.some((name) => pullsFrom(pipeline, name)));
}

/** A pipeline that nobody gave says why it is in the plan. */
function withReason(one: PlannedDocument, given: readonly Document[]): PlannedDocument {
  const cause = given.find(
    ({ kind, metadata }) =>
      kind === 'Connection' && one.document.kind === 'Pipeline' && pullsFrom(one.document, metadata.name),
  );
  const why = `gets a new version because Connection ${cause?.metadata.name ?? ''} changes`;
  return one.plan.change === 'unchanged' ? one : { ...one, plan: { ...one.plan, effects: [why, ...one.plan.effects] } };
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
