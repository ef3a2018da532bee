import { Injectable } from '@nestjs/common';
import { RowLineage, RowLineages, TraceRow, TraceRows } from '#libs/contracts/lineage';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import {
  DiscardQuarantined,
  ListQuarantine,
  QuarantinedRecord,
  QuarantinePage,
  QuarantineRecordRef,
  QuarantineTask,
  QuarantineTaskRef,
  QuarantineTotals,
  RetryQuarantined,
} from '#libs/contracts/quarantine';
import { CompareSteps, RowsDifference } from '#libs/contracts/rows-difference';
import { InstallSteps, StepProblems } from '#libs/contracts/steps';
import { Done, PipelineName } from '#libs/contracts/pipeline-ref';
import { Preview, PreviewSteps } from '#libs/contracts/preview';
import { Comparison } from './compare/comparison';
import { Lineage } from './lineage/lineage';
import { Previews } from './preview/previews';
import { QuarantineListing } from './quarantine/listing';
import { Quarantine } from './quarantine/quarantine';
import { QuarantineTasks } from './quarantine/tasks';
import { Versions } from './versions';

@Injectable()
export class NormalizerService implements NormalizerContract {
  constructor(
    private readonly versions: Versions,
    private readonly previews: Previews,
    private readonly kept: Quarantine,
    private readonly listing: QuarantineListing,
    private readonly tasks: QuarantineTasks,
    private readonly rows: Lineage,
    private readonly comparison: Comparison,
  ) {}

  async check(steps: InstallSteps): Promise<StepProblems> {
    const preparation = await this.versions.prepared(steps);
    return preparation.kind === 'wrong'
      ? { problems: [...preparation.problems] }
      : { problems: [], warnings: [...preparation.warnings] };
  }

  async install(steps: InstallSteps): Promise<Done> {
    await this.versions.install(steps);
    return {};
  }

  /** Nothing to forget: batches of the pipeline may still wait in the inbox. */
  remove(_request: PipelineName): Promise<Done> {
    return Promise.resolve({});
  }

  preview(request: PreviewSteps): Promise<Preview> {
    return this.previews.preview(request);
  }

  compare(request: CompareSteps): Promise<RowsDifference> {
    return this.comparison.of(request);
  }

  lineage(request: TraceRows): Promise<RowLineages> {
    return this.rows.of(request);
  }

  rowLineage(request: TraceRow): Promise<RowLineage> {
    return this.rows.ofOne(request);
  }

  quarantineTotals(request: PipelineName): Promise<QuarantineTotals> {
    return this.kept.totals(request);
  }

  quarantine(request: ListQuarantine): Promise<QuarantinePage> {
    return this.listing.list(request);
  }

  quarantinedRecord(request: QuarantineRecordRef): Promise<QuarantinedRecord> {
    return this.listing.get(request);
  }

  retryQuarantined(request: RetryQuarantined): Promise<QuarantineTask> {
    return this.tasks.retry(request);
  }

  discardQuarantined(request: DiscardQuarantined): Promise<QuarantineTask> {
    return this.tasks.discard(request);
  }

  quarantineTask(request: QuarantineTaskRef): Promise<QuarantineTask> {
    return this.tasks.get(request);
  }
}
