import { BeforeApplicationShutdown, Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Job, Worker } from 'bullmq';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { jobMeta } from '#libs/contracts/job';
import { HANDLES_JOB, JobHandler } from './handles-job';
import { JobQueue } from './job-queue';
import { QueueBackend } from './queue-backend';
import { QueueMetrics } from './queue-metrics';

const LOCK_MS = 30_000;
const STALLED_CHECK_MS = 15_000;
/** Stalling twice says nothing of the job; what decides how often it is tried is the record it stands for. */
const STALLED_MAX = 10;

type Handle = (job: object) => Promise<unknown>;

interface QueueHandlers {
  concurrency: number;
  readonly handlers: Map<string, { readonly definition: JobHandler; readonly handle: Handle }>;
}

/** Runs the jobs that the process's services handle: one worker a queue. */
@Injectable()
export class JobWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('JobWorkers');
  private readonly workers: Worker[] = [];

  constructor(
    private readonly backend: QueueBackend,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly queue: JobQueue,
    private readonly metrics: QueueMetrics,
  ) {}

  onApplicationBootstrap(): void {
    for (const [name, queue] of this.handlersByQueue()) this.start(name, queue);
  }

  /** Rule 40: takes no more, and waits for what is being done. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close().catch(() => undefined)));
  }

  private start(name: string, { concurrency, handlers }: QueueHandlers): void {
    const worker = this.backend.openWorker(name, (job) => this.metrics.meter(name, () => this.work(job, handlers)), {
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: STALLED_MAX,
    });
    this.queue.watch(name);
    let away = false;
    worker.on('error', (error) => {
      if (!away) this.logger.warn(`The queue "${name}" has trouble: ${error.message}`);
      away = true;
    });
    worker.on('ready', () => (away = false));
    worker.on('active', () => (away = false));
    worker.on('failed', (job, error) => {
      this.logger.warn({ job: job?.id, name: job?.name }, `A job failed: ${error.message}`);
    });
    worker.run().catch((error: unknown) => this.logger.error(error));
    this.workers.push(worker);
  }

  private async work(job: Job, handlers: QueueHandlers['handlers']): Promise<void> {
    const handler = handlers.get(job.name);
    if (!handler) throw new Error(`Nobody here handles the job "${job.name}".`);
    const payload = plainToInstance(handler.definition.job, job.data);
    const problems = await validate(payload, { whitelist: true, forbidUnknownValues: true });
    if (problems.length > 0) throw new Error(`The job's payload is wrong: ${problems.join('; ')}`);
    await handler.handle(payload);
  }

  private handlersByQueue(): Map<string, QueueHandlers> {
    const queues = new Map<string, QueueHandlers>();
    for (const { instance } of this.discovery.getProviders()) {
      if (typeof instance !== 'object' || instance === null) continue;
      const provider: object = instance;
      const prototype: unknown = Object.getPrototypeOf(provider);
      if (typeof prototype !== 'object' || prototype === null) continue;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const handle: unknown = Reflect.get(provider, method);
        if (typeof handle !== 'function') continue;
        const definition: JobHandler | undefined = Reflect.getMetadata(HANDLES_JOB, handle);
        if (!definition) continue;
        const { queue, name } = jobMeta(definition.job);
        const handlers = queues.get(queue) ?? { concurrency: 1, handlers: new Map() };
        handlers.concurrency = Math.max(handlers.concurrency, definition.concurrency);
        handlers.handlers.set(name, { definition, handle: handle.bind(provider) as Handle }); // a job method takes the job
        queues.set(queue, handlers);
      }
    }
    return queues;
  }
}
