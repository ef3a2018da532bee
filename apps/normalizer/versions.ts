import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { InstallSteps } from '#libs/contracts/steps';
import { PipelineName, PipelineRef } from '#libs/contracts/pipeline-ref';
import { Unavailable, Unprocessable } from '#libs/errors/errors';
import { Engine, Preparation, ReadySteps } from './engine/engine';
import { RedactionKeys } from './redaction-keys';
import { InstalledVersion } from './version.entity';

/** Compiled versions that stay in memory; one that is used falls out last. */
const COMPILED_MAX = 200;

const NOW_CURRENT = `
  INSERT INTO normalizer.current_versions (project, pipeline, version) VALUES ($1, $2, $3)
  ON CONFLICT (project, pipeline) DO UPDATE SET version = excluded.version`;
const CURRENT = `SELECT version FROM normalizer.current_versions WHERE project = $1 AND pipeline = $2`;
const KNOWN = `SELECT version FROM normalizer.versions WHERE project = $1 AND pipeline = $2 AND version = $3`;

/** Pipeline versions, compiled once a process. */
@Injectable()
export class Versions {
  private readonly compiled = new Map<string, ReadySteps>();

  constructor(
    @InjectRepository(InstalledVersion) private readonly versions: Repository<InstalledVersion>,
    private readonly keys: RedactionKeys,
    private readonly engine: Engine,
  ) {}

  /** A version never changes, so installing it again changes nothing. */
  async install(steps: InstallSteps): Promise<void> {
    await this.compiledOf(steps);
    const { project, pipeline, version } = steps;
    await this.versions
      .createQueryBuilder()
      .insert()
      .values({ project, pipeline, version, steps: steps as object })
      .orIgnore()
      .execute();
    await this.versions.query(NOW_CURRENT, [project, pipeline, version]);
  }

  /** `wanted` when it was ever installed, or the version that was installed last. Throws Unprocessable `version.unknown`. */
  async known({ project, pipeline }: PipelineName, wanted?: number): Promise<number> {
    const [row] = await this.versions.query<{ version: number }[]>(wanted === undefined ? CURRENT : KNOWN, [
      project,
      pipeline,
      ...(wanted === undefined ? [] : [wanted]),
    ]);
    if (row) return row.version;
    const which = wanted === undefined ? 'No version' : `Version ${wanted}`;
    throw new Unprocessable(
      'version.unknown',
      `${which} of the pipeline "${pipeline}" was ever active in "${project}".`,
    );
  }

  /** Throws Unavailable `version.unknown` for one that is not installed yet: it is on its way. */
  async ready({ project, pipeline, version }: PipelineRef): Promise<ReadySteps> {
    const name = `${project}/${pipeline}/${version}`;
    const known = this.compiled.get(name);
    if (known) {
      this.compiled.delete(name);
      this.compiled.set(name, known);
      return known;
    }
    const installed = await this.versions.findOneBy({ project, pipeline, version });
    if (!installed) {
      throw new Unavailable('version.unknown', `Version ${version} of "${pipeline}" is not installed here yet.`);
    }
    const ready = await this.compiledOf(installed.steps);
    this.compiled.set(name, ready);
    const [oldest] = this.compiled.keys();
    if (this.compiled.size > COMPILED_MAX && oldest !== undefined) this.compiled.delete(oldest);
    return ready;
  }

  /** Compiles steps and keeps nothing. */
  async prepared(install: InstallSteps): Promise<Preparation> {
    return this.engine.prepare(install, await this.keys.of(install.project, install.steps));
  }

  /** The same; throws Unprocessable `steps.invalid`. */
  async compiledOf(install: InstallSteps): Promise<ReadySteps> {
    const preparation = await this.prepared(install);
    if (preparation.kind === 'ready') return preparation.steps;
    const { problems } = preparation;
    const [first] = problems;
    throw new Unprocessable('steps.invalid', `${first?.path}: ${first?.message}`, { fields: problems });
  }
}
