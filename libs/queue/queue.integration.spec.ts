import { Injectable } from '@nestjs/common';
import { Test, TestingModule } from '@nestjs/testing';
import { IsCount } from '#libs/contracts/fields';
import { Job } from '#libs/contracts/job';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { describeWithRedis, startTestRedis, TestRedis } from '#libs/testing/redis';
import { HandlesJob } from './handles-job';
import { JobQueue } from './job-queue';
import { migrateQueue } from './queue-backend';
import { QueueModule } from './queue.module';

@Job({ queue: 'observer', name: 'count' })
class Count {
  @IsCount() at: number;
}

const count = (at: number): Count => Object.assign(new Count(), { at });

@Injectable()
class Counter {
  readonly seen: number[] = [];
  failures = 0;
  private waiters: (() => void)[] = [];

  /** While given, jobs that have begun end only with it. */
  gate?: Promise<void>;
  begun: () => void = () => undefined;

  @HandlesJob(Count, { concurrency: 4 })
  async handle(job: Count): Promise<void> {
    if (!(job instanceof Count)) throw new TypeError('not the class');
    this.begun();
    await this.gate;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('not yet');
    }
    this.seen.push(job.at);
    for (const wake of this.waiters) wake();
    await Promise.resolve();
  }

  async until(total: number): Promise<void> {
    while (this.seen.length < total) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }
}

function behaves(options: () => { databaseUrl: string; redisUrl?: string }): void {
  let app: TestingModule;
  let queue: JobQueue;
  let counter: Counter;

  beforeEach(async () => {
    app = await Test.createTestingModule({ imports: [QueueModule.forRoot(options())], providers: [Counter] }).compile();
    await app.init();
    queue = app.get(JobQueue);
    counter = app.get(Counter);
  });
  afterEach(() => app.close());

  it('hands each job over once, as its own class', async () => {
    await queue.addBulk(Array.from({ length: 50 }, (_, at) => ({ job: count(at), options: { jobId: `once-${at}` } })));
    await counter.until(50);
    expect([...counter.seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at));
  });

  it('swallows an id that is still there, and takes it again when it is done', async () => {
    await queue.add(count(1), { jobId: 'twice', delayMs: 200 });
    await queue.add(count(1), { jobId: 'twice', delayMs: 200 });
    await counter.until(1);
    await queue.add(count(2), { jobId: 'later' });
    await counter.until(2);
    expect(counter.seen).toEqual([1, 2]);
  });

  it('tries a failed job again', async () => {
    counter.failures = 2;
    await queue.add(count(7), { jobId: 'retried', attempts: 3, backoffMs: 10 });
    await counter.until(1);
    expect(counter.seen).toEqual([7]);
  });

  it('rule 40: closing waits for the job that is being done and begins no other', async () => {
    const begun = new Promise<void>((resolve) => (counter.begun = resolve));
    let open: () => void = () => undefined;
    counter.gate = new Promise((resolve) => (open = resolve));
    await queue.add(count(8), { jobId: 'slow' });
    await begun;
    const closed = app.close();
    open();
    await closed;
    expect(counter.seen).toEqual([8]);
  });
}

describe('jobs on Postgres', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase([]);
    await migrateQueue(database);
  });
  afterAll(() => database.stop());
  behaves(() => ({ databaseUrl: database.appUrl }));
});

describeWithRedis('jobs on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis.stop());
  behaves(() => ({ databaseUrl: 'postgres://unused@127.0.0.1/unused', redisUrl: redis.url }));
});
