import { Injectable } from '@nestjs/common';
import { AmendBatch, AnnounceAmendment, WithdrawAmendment } from '#libs/contracts/amendment';
import {
  AcceptPush,
  AcceptReceipt,
  BatchRef,
  BatchStuck,
  ConnectorHubContract,
  InstallSource,
  PipelineTotals,
  PulledSlice,
  PullSlice,
  RawBatch,
  RunBatches,
  RunRef,
  SettleBatch,
} from '#libs/contracts/connector-hub.contract';
import { Done, PipelineName } from '#libs/contracts/pipeline-ref';
import { PreviewedSource, PreviewSource } from '#libs/contracts/source-preview';
import { ReplayedSlice, ReplaySlice } from '#libs/contracts/replay';
import { RecentBatches, RecentBatchIds } from '#libs/contracts/rows-difference';
import { Amendments } from './inbox/amendments';
import { ApproveDrift, SourceDrift } from '#libs/contracts/drift';
import { HookDelivery } from '#libs/contracts/hook-delivery';
import { Hooks } from './hooks/hooks';
import { Inbox } from './inbox/inbox';
import { Outcomes } from './inbox/outcomes';
import { Drifts } from './pull/drifts';
import { Previewer } from './pull/previewer';
import { Puller } from './pull/puller';
import { RecentHistory } from './replay/recent-history';
import { Replayer } from './replay/replayer';
import { InstalledSources } from './sources/installed-sources';

@Injectable()
export class ConnectorHubService implements ConnectorHubContract {
  constructor(
    private readonly sources: InstalledSources,
    private readonly inbox: Inbox,
    private readonly outcomes: Outcomes,
    private readonly amendments: Amendments,
    private readonly hooks: Hooks,
    private readonly puller: Puller,
    private readonly drifts: Drifts,
    private readonly previewer: Previewer,
    private readonly replayer: Replayer,
    private readonly recent: RecentHistory,
  ) {}

  async install(request: InstallSource): Promise<Done> {
    await this.sources.install(request);
    return {};
  }

  async remove(request: PipelineName): Promise<Done> {
    await this.sources.remove(request);
    return {};
  }

  accept(push: AcceptPush): Promise<AcceptReceipt> {
    return this.inbox.accept(push);
  }

  deliver(delivery: HookDelivery): Promise<AcceptReceipt> {
    return this.hooks.deliver(delivery);
  }

  pull(request: PullSlice): Promise<PulledSlice> {
    return this.puller.slice(request);
  }

  drift(request: PipelineName): Promise<SourceDrift> {
    return this.drifts.of(request);
  }

  approveDrift(request: ApproveDrift): Promise<SourceDrift> {
    return this.drifts.approve(request);
  }

  preview(request: PreviewSource): Promise<PreviewedSource> {
    return this.previewer.preview(request);
  }

  fetchBatch({ batchId }: BatchRef): Promise<RawBatch> {
    return this.inbox.fetch(batchId);
  }

  async settle(outcome: SettleBatch): Promise<Done> {
    await this.outcomes.settle(outcome);
    return {};
  }

  async announceAmendment(request: AnnounceAmendment): Promise<Done> {
    await this.amendments.announce(request);
    return {};
  }

  async withdrawAmendment(request: WithdrawAmendment): Promise<Done> {
    await this.amendments.withdraw(request);
    return {};
  }

  async amend(request: AmendBatch): Promise<Done> {
    await this.amendments.amend(request);
    return {};
  }

  async reportStuck(stuck: BatchStuck): Promise<Done> {
    await this.outcomes.reportStuck(stuck);
    return {};
  }

  totals(request: PipelineName): Promise<PipelineTotals> {
    return this.outcomes.totals(request);
  }

  replay(request: ReplaySlice): Promise<ReplayedSlice> {
    return this.replayer.slice(request);
  }

  recentBatches(request: RecentBatches): Promise<RecentBatchIds> {
    return this.recent.of(request);
  }

  runBatches({ runId }: RunRef): Promise<RunBatches> {
    return this.outcomes.ofRun(runId);
  }
}
