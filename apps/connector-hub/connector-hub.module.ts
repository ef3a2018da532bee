import { Module } from '@nestjs/common';
import { ClockModule } from '#libs/clock/clock';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { serve } from '#libs/transport/serve';
import { ConnectorHubService } from './connector-hub.service';
import { Backlog } from './inbox/backlog';
import { Dispatcher } from './inbox/dispatcher';
import { Inbox } from './inbox/inbox';
import { Outcomes } from './inbox/outcomes';
import { Sweeper } from './inbox/sweeper';
import { Checkpoints } from './pull/checkpoints';
import { Puller } from './pull/puller';
import { InstalledSources } from './sources/installed-sources';

/** Takes data in: pushes and pulls, the inbox, and the outcome of every batch. */
@Module({
  imports: [ClockModule],
  providers: [
    ...serve(ConnectorHubContract, ConnectorHubService),
    InstalledSources,
    Inbox,
    Outcomes,
    Backlog,
    Dispatcher,
    Sweeper,
    Checkpoints,
    Puller,
  ],
})
export class ConnectorHubModule {}
