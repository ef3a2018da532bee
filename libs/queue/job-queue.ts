import { Injectable, Logger, OnApplicationShutdown } from '@nestjs/common';
import { JobsOptions, Queue } from 'bullmq';
import { Ctor } from '#libs/contracts/contract';
import { jobMeta } from '#libs/contracts/job';
import { Unavailable } from '#libs/errors/errors';
import { QueueBackend } from './queue-backend';

export interface AddOptions {
  /** The same id again is swallowed while a job of that id is there; carries an epoch where it may come again. */
  readonly jobId: string;
  readonly delayMs?: number;
  readonly attempts?: number;
  readonly backoffMs?: number;
}

export interface JobToAdd {
  readonly job: object;
  readonly options: AddOptions;
}

interface QueueCount {
  readonly queue: string;
  readonly state: string;
  readonly count: number;
}

const COUNTED = ['waiting', 'active', 'delayed'] as const;
const ADD_TIMEOUT_MS = 5_000;
/** A job that is done or given up leaves nothing: the record is elsewhere, and a kept id would swallow the next add. */
const CLEAN = { removeOnComplete: true, removeOnFail: true } as const;

/** Sends jobs. A job is a hint; whoever sends one keeps the record of what is to be done. */
@Injectable()
export class JobQueue implements OnApplicationShutdown {
  private readonly logger = new Logger('JobQueue');
  private readonly queues = new Map<string, Queue>();
  private complained = false;

  constructor(private readonly backend: QueueBackend) {}

  add(job: object, options: AddOptions): Promise<void> {
    return this.addBulk([{ job, options }]);
  }

  /** Throws Unavailable `queue.unavailable` when the backend does not take the jobs within 5 s. */
  async addBulk(jobs: readonly JobToAdd[]): Promise<void> {
    const byQueue = groupByQueue(jobs);
    for (const [name, bulk] of byQueue) {
      const added = this.queue(name).addBulk(
        bulk.map(({ job, options }) => ({ name: metaOf(job).name, data: job, opts: jobsOptions(options) })),
      );
      await withTimeout(added);
    }
  }

  /** Tells of work, where the sweeper would find it anyway: a failure is logged and not thrown. */
  hint(job: object, options: AddOptions): void {
    void this.hintAll([{ job, options }]);
  }

  async hintAll(jobs: readonly JobToAdd[]): Promise<void> {
    try {
      await this.addBulk(jobs);
      this.complained = false;
    } catch (thrown) {
      if (!this.complained)
        this.logger.warn(`Jobs wait for the sweeper: ${thrown instanceof Error ? thrown.message : ''}`);
      this.complained = true;
    }
  }

  /** From now on {@link counts} looks at this queue too. */
  watch(name: string): void {
    this.queue(name);
  }

  /** Jobs of every queue that this process has to do with, by state. */
  async counts(): Promise<QueueCount[]> {
    const all = [...this.queues].map(async ([queue, opened]) => {
      const states = await withTimeout(opened.getJobCounts(...COUNTED));
      return Object.entries(states).map(([state, count]) => ({ queue, state, count }));
    });
    return (await Promise.all(all)).flat();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close().catch(() => undefined)));
  }

  private queue(name: string): Queue {
    const known = this.queues.get(name);
    if (known) return known;
    const queue = this.backend.openQueue(name);
    queue.on('error', () => undefined); // told by the call that fails, and by the backend's own reconnect
    this.queues.set(name, queue);
    return queue;
  }
}

function metaOf(job: object): { queue: string; name: string } {
  return jobMeta(job.constructor as Ctor); // every object has the class that made it
}

function groupByQueue(jobs: readonly JobToAdd[]): Map<string, JobToAdd[]> {
  const groups = new Map<string, JobToAdd[]>();
  for (const job of jobs) {
    const { queue } = metaOf(job.job);
    groups.set(queue, [...(groups.get(queue) ?? []), job]);
  }
  return groups;
}

function jobsOptions({ jobId, delayMs, attempts, backoffMs }: AddOptions): JobsOptions {
  return {
    jobId,
    ...CLEAN,
    ...(delayMs === undefined ? {} : { delay: delayMs }),
    attempts: attempts ?? 1,
    ...(backoffMs === undefined ? {} : { backoff: { type: 'exponential', delay: backoffMs } }),
  };
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ADD_TIMEOUT_MS / 1_000} s`)), ADD_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    work.catch(() => undefined); // its late failure is this one
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Unavailable('queue.unavailable', `The job queue does not take jobs (${reason}). Try again shortly.`, {
      retryAfterMs: 1_000,
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}
