import { Injectable } from '@nestjs/common';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { ListQuarantine, QuarantinePage, QuarantineTotals } from '#libs/contracts/quarantine';
import { InstallSteps, StepProblems } from '#libs/contracts/steps';
import { Done, PipelineName } from '#libs/contracts/pipeline-ref';
import { Preview, PreviewSteps } from '#libs/contracts/preview';
import { Previews } from './preview/previews';
import { Quarantine } from './quarantine/quarantine';
import { Versions } from './versions';

@Injectable()
export class NormalizerService implements NormalizerContract {
  constructor(
    private readonly versions: Versions,
    private readonly previews: Previews,
    private readonly kept: Quarantine,
  ) {}

  async check(steps: InstallSteps): Promise<StepProblems> {
    const preparation = await this.versions.prepared(steps);
    return { problems: preparation.kind === 'wrong' ? [...preparation.problems] : [] };
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

  quarantineTotals(request: PipelineName): Promise<QuarantineTotals> {
    return this.kept.totals(request);
  }

  quarantine(request: ListQuarantine): Promise<QuarantinePage> {
    return this.kept.list(request);
  }
}
