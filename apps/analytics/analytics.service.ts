import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import {
  AnalyticsContract,
  ExportQuery,
  InstallRollups,
  ProjectRef,
  QueryReply,
  QueryRequest,
  RefreshReply,
  RollupName,
  RollupStatuses,
} from '#libs/contracts/analytics.contract';
import { Done, PipelineName } from '#libs/contracts/pipeline-ref';
import {
  FindSavedQuery,
  RunSavedQuery,
  SavedAnswer,
  SavedQueries,
  SavedQuery,
  SavedQueryName,
  SaveQuery,
} from '#libs/contracts/saved-queries';
import { LastRows, ListRows, RowPage } from '#libs/contracts/dataset-rows';
import { RowsPart } from '#libs/contracts/query-plan';
import { ExportSql, SqlRequest, SqlRows } from '#libs/contracts/sql';
import { PrometheusAnswer, PrometheusLabels, PrometheusQuery, PrometheusSelection } from '#libs/contracts/prometheus';
import { StorageContract, VerifiedRollup } from '#libs/contracts/storage.contract';
import { Conflict } from '#libs/errors/errors';
import { Answers } from './answers';
import { readQuestion, requireOneTarget } from './question/read-question';
import { Exports } from './exports';
import { RowReads } from './row-reads';
import { RollupKeeper } from './rollup-keeper';
import { PrometheusRead } from './prometheus/prometheus-read';
import { Rollup } from './rollup.entity';
import { QueryShelf } from './saved/query-shelf';
import { SavedAnswers } from './saved/saved-answers';
import { Targets } from './targets';
import { Statements } from './sql/statements';

@Injectable()
export class AnalyticsService implements AnalyticsContract {
  constructor(
    private readonly storage: StorageContract,
    private readonly answers: Answers,
    private readonly targets: Targets,
    private readonly prometheus: PrometheusRead,
    private readonly shelf: QueryShelf,
    private readonly savedAnswers: SavedAnswers,
    private readonly statements: Statements,
    private readonly exports: Exports,
    private readonly rowReads: RowReads,
    private readonly keeper: RollupKeeper,
    @InjectRepository(Rollup) private readonly definitions: Repository<Rollup>,
  ) {}

  async install({ project, pipeline, version, dataset, rollups }: InstallRollups): Promise<Done> {
    const before = await this.definitions.findBy({ project, pipeline });
    for (const definition of rollups) {
      await this.refuseForeign(project, pipeline, definition.name);
      const moved = before.find(({ name, dataset: from }) => name === definition.name && from !== dataset);
      if (moved) await this.storage.removeRollup({ project, dataset: moved.dataset, rollup: moved.name });
      const { name: rollup, ...rest } = definition;
      await this.storage.installRollup({ project, dataset, rollup, ...rest });
      await this.definitions.upsert({ project, name: rollup, pipeline, version, dataset, definition }, [
        'project',
        'name',
      ]);
    }
    const kept = new Set(rollups.map(({ name }) => name));
    for (const gone of before.filter(({ name }) => !kept.has(name))) await this.drop(gone);
    return {};
  }

  async remove({ project, pipeline }: PipelineName): Promise<Done> {
    for (const rollup of await this.definitions.findBy({ project, pipeline })) await this.drop(rollup);
    return {};
  }

  async query(question: QueryRequest): Promise<QueryReply> {
    requireOneTarget(question);
    const target = await this.targets.of(question);
    return this.answers.answer(readQuestion(question, target, this.answers.nowUs));
  }

  sql(request: SqlRequest): Promise<SqlRows> {
    return this.statements.run(request);
  }

  exportQuery(request: ExportQuery): AsyncIterable<RowsPart> {
    return this.exports.query(request);
  }

  exportSql(request: ExportSql): AsyncIterable<RowsPart> {
    return this.exports.sql(request);
  }

  rows(request: ListRows): Promise<RowPage> {
    return this.rowReads.page(request);
  }

  lastRows(request: LastRows): Promise<QueryReply> {
    return this.rowReads.last(request);
  }

  async rollups({ project }: ProjectRef): Promise<RollupStatuses> {
    const definitions = await this.definitions.find({ where: { project }, order: { name: 'ASC' } });
    if (definitions.length === 0) return { rollups: [] };
    const { rollups: states } = await this.storage.rollups({ project, progress: true });
    return {
      rollups: definitions.map(({ pipeline, dataset, name, definition }) => {
        const state = states.find((one) => one.dataset === dataset && one.rollup === name);
        const { dirtyBuckets = 0, cleanBuckets = 0 } = state ?? {};
        const buckets = dirtyBuckets + cleanBuckets;
        return {
          pipeline,
          dataset,
          name,
          bucketMs: definition.bucketMs,
          unit: definition.unit,
          zone: definition.zone,
          dirtyBuckets,
          cleanBuckets,
          progress: buckets === 0 ? 1 : cleanBuckets / buckets,
        };
      }),
    };
  }

  saveQuery(request: SaveQuery): Promise<SavedQuery> {
    return this.savedAnswers.save(request);
  }

  async removeQuery(request: SavedQueryName): Promise<Done> {
    await this.shelf.remove(request);
    return {};
  }

  savedQuery(request: FindSavedQuery): Promise<SavedQuery> {
    return this.shelf.find(request);
  }

  async savedQueries({ project }: ProjectRef): Promise<SavedQueries> {
    return { queries: await this.shelf.all(project) };
  }

  runSavedQuery(request: RunSavedQuery): Promise<SavedAnswer> {
    return this.savedAnswers.run(request);
  }

  prometheusQuery(request: PrometheusQuery): Promise<PrometheusAnswer> {
    return this.prometheus.query(request);
  }

  prometheusSeries(request: PrometheusSelection): Promise<PrometheusLabels> {
    return this.prometheus.select(request);
  }

  async verifyRollup({ project, rollup }: RollupName): Promise<VerifiedRollup> {
    const { dataset } = await this.targets.rollup(project, rollup);
    return this.storage.verifyRollup({ project, dataset, rollup });
  }

  async refresh({ project, pipeline }: PipelineName): Promise<RefreshReply> {
    let refreshedBuckets = 0;
    for (const { dataset, name: rollup } of await this.definitions.findBy({ project, pipeline })) {
      refreshedBuckets += await this.keeper.refresh({ project, dataset, rollup });
    }
    return { refreshedBuckets };
  }

  /** Rollups of a project share their names, so that a question needs no pipeline. */
  private async refuseForeign(project: string, pipeline: string, name: string): Promise<void> {
    const owner = await this.definitions.findOneBy({ project, name });
    if (!owner || owner.pipeline === pipeline) return;
    throw new Conflict(
      'rollup.taken',
      `The rollup "${name}" belongs to pipeline "${owner.pipeline}". Choose another name.`,
    );
  }

  private async drop({ project, dataset, name }: Rollup): Promise<void> {
    await this.storage.removeRollup({ project, dataset, rollup: name });
    await this.definitions.delete({ project, name });
  }
}
