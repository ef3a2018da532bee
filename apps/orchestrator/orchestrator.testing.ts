import { Histogram } from 'prom-client';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Idempotency } from '#libs/idempotency/idempotency';
import { Clock, Ids } from '#libs/clock/clock';
import { AnalyticsContract } from '#libs/contracts/analytics.contract';
import { ConnectorHubContract, PulledSlice, PullSlice, RunBatches } from '#libs/contracts/connector-hub.contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { ReplayedSlice, ReplaySlice } from '#libs/contracts/replay';
import { StepProblems } from '#libs/contracts/steps';
import { ObserverContract } from '#libs/contracts/observer.contract';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Outbox } from '#libs/database/outbox';
import { Unavailable } from '#libs/errors/errors';
import { Applier } from './documents/applier';
import { Installer } from './documents/installer';
import { DocumentLibrary } from './documents/library';
import { LookupTables } from './documents/lookup-tables';
import { Planner } from './documents/planner';
import { DocumentViews } from './documents/views';
import { OrchestratorService } from './orchestrator.service';
import { RowsPlanner } from './documents/rows-planner';
import { PipelinePreviewer } from './preview/previewer';
import { Replays } from './replays/replays';
import { RunBook } from './runs/run-book';
import { RunEngine } from './runs/run-engine';
import { RunMetrics } from './runs/run-metrics';
import { RunSteps } from './runs/run-steps';
import { Ticker } from './runs/ticker';

const NOTHING: RunBatches = {
  batches: 0,
  pendingBatches: 0,
  accepted: 0,
  normalized: 0,
  filtered: 0,
  quarantined: 0,
  produced: 0,
  stored: 0,
  merged: 0,
  stale: 0,
  duplicate: 0,
};
export const PULLED: PulledSlice = { pages: 1, records: 10, batches: 1, bytes: 100, done: true, waitMs: 0 };

const REPLAYED: ReplayedSlice = {
  batches: 4,
  records: 40,
  bytes: 400,
  unavailable: 0,
  pending: 0,
  percent: 100,
  done: true,
  waitMs: 0,
};

/** The five services that the orchestrator calls, as far as it sees them: what they were told, and what they answer. */
export class Neighbours {
  /** `service.method project/pipeline-or-dataset`, in the order of the calls that were answered well. */
  readonly heard: string[] = [];
  /** Services that do not answer. */
  readonly away = new Set<string>();
  check: () => Promise<StepProblems> = () => Promise.resolve({ problems: [] });
  /** Why the dataset cannot become what a document asks. */
  breaks: string[] = [];
  pull: (request: PullSlice) => Promise<PulledSlice> = () => Promise.resolve(PULLED);
  replay: (slice: ReplaySlice) => Promise<ReplayedSlice> = () => Promise.resolve(REPLAYED);
  runBatches: () => Promise<RunBatches> = () => Promise.resolve(NOTHING);

  readonly hub = this.as<ConnectorHubContract>('connector-hub', {
    install: () => ({}),
    remove: () => ({}),
    pull: (request: PullSlice) => this.pull(request),
    replay: (slice: ReplaySlice) => this.replay(slice),
    runBatches: () => this.runBatches(),
  });
  readonly normalizer = this.as<NormalizerContract>('normalizer', {
    check: () => this.check(),
    install: () => ({}),
    remove: () => ({}),
  });
  readonly storage = this.as<StorageContract>('storage', {
    checkDataset: () => ({ problems: this.breaks }),
    installDataset: () => ({ schemaVersion: 1, added: [] }),
  });
  readonly analytics = this.as<AnalyticsContract>('analytics', {
    install: () => ({}),
    remove: () => ({}),
    refresh: () => ({ refreshedBuckets: 2 }),
  });
  readonly observer = this.as<ObserverContract>('observer', { watch: () => ({}), unwatch: () => ({}) });

  /** What was heard of a project, without its name. */
  of(project: string): string[] {
    return this.heard.filter((line) => line.includes(` ${project}/`)).map((line) => line.split(' ')[0] ?? '');
  }

  private as<C extends object>(service: string, methods: Readonly<Record<string, (request: never) => unknown>>): C {
    const told = Object.entries(methods).map(([method, answer]) => [
      method,
      async (request: { project?: string; pipeline?: string; dataset?: string }): Promise<unknown> => {
        if (this.away.has(service)) throw new Unavailable('service.unavailable', `${service} does not answer.`);
        const given = await answer(request as never); // each method knows its own request
        this.heard.push(`${service}.${method} ${request.project}/${request.pipeline ?? request.dataset}`);
        return given;
      },
    ]);
    return Object.fromEntries(told) as C; // the methods that the orchestrator calls, and no others
  }
}

/** One process's orchestrator over the shared database, without the rounds that a process makes by itself. */
export function openOrchestrator(database: DataSource, neighbours: Neighbours, clock = new Clock()) {
  const { hub, normalizer, storage, analytics, observer } = neighbours;
  const ids = new Ids();
  const audit = new AuditTrail(new Outbox('orchestrator'), clock, ids);
  const idempotency = new Idempotency('orchestrator');
  const library = new DocumentLibrary(database);
  const book = new RunBook(database, ids);
  const unscraped = new RunMetrics(
    new Histogram({ name: 'delay', help: 'Scraped by nobody.', labelNames: ['trigger'], registers: [] }),
  );
  const engine = new RunEngine(book, new RunSteps(hub, analytics), library, clock, unscraped);
  const ticker = new Ticker(database, book, engine);
  const installer = new Installer(database, library, ticker, storage, normalizer, analytics, observer, hub);
  const planner = new Planner(library, normalizer, storage, new LookupTables(storage));
  const applier = new Applier(database, planner, library, installer, audit, clock, idempotency);
  const views = new DocumentViews(database, library);
  const previewer = new PipelinePreviewer(database, planner, hub, normalizer);
  const replays = new Replays(database, library, applier, book, audit, idempotency, clock);
  const service = new OrchestratorService(
    database,
    planner,
    new RowsPlanner(database, planner, normalizer),
    previewer,
    applier,
    library,
    views,
    book,
    engine,
    audit,
    idempotency,
    replays,
  );
  return { service, engine, ticker, installer, book };
}

/** Waits for a condition; the suite's hang guard ends what never comes. */
export async function until<T>(ask: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A door that a test opens. */
export function gate(): {
  readonly reached: Promise<void>;
  readonly arrive: () => Promise<void>;
  readonly open: () => void;
} {
  let open = (): void => undefined;
  let tell = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (tell = resolve));
  return {
    reached,
    open,
    arrive: () => {
      tell();
      return opened;
    },
  };
}
