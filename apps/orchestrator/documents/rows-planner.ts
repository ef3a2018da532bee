import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { PlanRows } from '#libs/contracts/orchestrator.contract';
import { COMPARED_RECORDS, RowsDifference, RowsDifferences } from '#libs/contracts/rows-difference';
import { installSteps } from './install-requests';
import { Planner } from './planner';

const PIPELINES_MAX = 10;

/** Shows what changed pipelines would make of the raw records that came last, beside what they make of them now. */
@Injectable()
export class RowsPlanner {
  constructor(
    private readonly database: DataSource,
    private readonly planner: Planner,
    private readonly normalizer: NormalizerContract,
  ) {}

  /** See `OrchestratorContract.planRows`. */
  async plan({ project, text, records = COMPARED_RECORDS }: PlanRows): Promise<RowsDifferences> {
    const { documents } = await this.planner.plan(project, text, this.database.manager);
    const pipelines: RowsDifference[] = [];
    for (const { plan, resolved } of documents) {
      const { change, name, fromVersion, toVersion } = plan;
      if (!resolved || change !== 'update' || fromVersion === undefined) continue;
      if (pipelines.length === PIPELINES_MAX) break;
      const steps = installSteps({ project, pipeline: name, version: toVersion }, resolved);
      pipelines.push(await this.normalizer.compare({ fromVersion, steps, records }));
    }
    return { pipelines };
  }
}
