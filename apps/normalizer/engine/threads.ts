import { Injectable, Logger, OnApplicationShutdown } from '@nestjs/common';
import { availableParallelism } from 'node:os';
import Piscina from 'piscina';
import { ChartlyConfig } from '#libs/config/config';
import { Internal, Unavailable } from '#libs/errors/errors';
import { builtFile } from '../built-file';
import { AT_WORK, BEATS, CheckReply, KeyedSteps, RunReply, RunRequest } from './messages';

/** One core is for everything else. */
const THREADS = Math.min(4, Math.max(1, availableParallelism() - 1));
/** Batches that share a thread: a slow one does not hold the others up, and the next is there when one is done. */
const BATCHES_A_THREAD = 16;
const WAITING_MAX = 1_000;
/** What a thread may hold on its heap. Unit: MiB. */
const HEAP_MAX_MIB = 512;
/** A thread that is at one slice for so long is ended. Unit: milliseconds. */
const SLICE_STUCK_MS = 10_000;
const LOOK_EVERY_MS = 1_000;
const CHECK_MAX_MS = 10_000;

type Balancer = NonNullable<NonNullable<ConstructorParameters<typeof Piscina>[0]>['loadBalancer']>;
type Thread = Parameters<Balancer>[1][number];

interface Watched {
  readonly beat: Int32Array;
  readonly abort: AbortController;
  beats: number;
  sinceMs: number;
}

/** The threads that expressions run on, so that none of them ever holds up a server's loop (rule 27). */
@Injectable()
export class Threads implements OnApplicationShutdown {
  private readonly logger = new Logger('Threads');
  private pool?: Piscina;
  private readonly watched = new Set<Watched>();
  private watch?: NodeJS.Timeout;

  constructor(private readonly config: ChartlyConfig) {}

  /** Compiles steps on a thread: expressions, patterns and schemas may take their time there. */
  async check(steps: KeyedSteps): Promise<CheckReply> {
    const signal = AbortSignal.timeout(CHECK_MAX_MS);
    try {
      return (await this.started().run(steps, { name: 'check', signal })) as CheckReply; // what engine.worker gives
    } catch (thrown) {
      if (!signal.aborted) throw ended(thrown);
      const path = 'spec.steps';
      return { kind: 'wrong', problems: [{ path, message: `take over ${CHECK_MAX_MS / 1_000} s to compile.` }] };
    }
  }

  /** The payload's memory goes to the thread. Throws Internal `records.stuck`, Unavailable `thread.ended`. */
  async run(request: Omit<RunRequest, 'beat'>): Promise<RunReply> {
    const beat = new Int32Array(new SharedArrayBuffer(8));
    const watched: Watched = { beat, abort: new AbortController(), beats: 0, sinceMs: performance.now() };
    this.watched.add(watched);
    this.watch ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    try {
      const options = {
        name: 'run',
        transferList: [request.payload.buffer as ArrayBuffer], // its own: see RunRequest
        signal: watched.abort.signal,
      };
      return (await this.started().run({ ...request, beat }, options)) as RunReply; // what engine.worker gives
    } catch (thrown) {
      if (Atomics.load(beat, AT_WORK) === 0) throw ended(thrown);
      throw new Internal('records.stuck', 'A record took too long or too much memory, and its thread was ended.', {
        cause: thrown,
      });
    } finally {
      this.watched.delete(watched);
      if (this.watched.size === 0) {
        clearInterval(this.watch);
        this.watch = undefined;
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool?.destroy();
    this.pool = undefined;
  }

  private started(): Piscina {
    this.pool ??= this.opened(this.config.normalizerThreads ?? THREADS);
    return this.pool;
  }

  private opened(threads: number): Piscina {
    const pool = new Piscina({
      filename: builtFile('apps/normalizer/engine/engine.worker.ts'),
      minThreads: 1,
      maxThreads: threads,
      concurrentTasksPerWorker: BATCHES_A_THREAD,
      loadBalancer: leastBusy(threads),
      maxQueue: WAITING_MAX,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MIB },
      recordTiming: false,
    });
    // A thread that is being ended for its time can run out of memory meanwhile: nobody waits for it by then.
    pool.on('error', (thrown: unknown) =>
      this.logger.warn({ err: thrown }, 'A thread without work ended by an error.'),
    );
    return pool;
  }

  private look(): void {
    const nowMs = performance.now();
    for (const one of this.watched) {
      const beats = Atomics.load(one.beat, BEATS);
      if (beats !== one.beats || Atomics.load(one.beat, AT_WORK) === 0) {
        one.beats = beats;
        one.sinceMs = nowMs;
      } else if (nowMs - one.sinceMs > SLICE_STUCK_MS) one.abort.abort();
    }
  }
}

/**
 * The pool's own gives a thread that has a task with a signal no other until that is done, since the signal ends the
 * thread. Here they share it: what shared it with one that is ended is tried again. An idle thread comes first, then a
 * new one while there may be more.
 */
function leastBusy(threads: number): Balancer {
  return (_task, workers) => {
    const [least] = workers.toSorted((a, b) => usageOf(a) - usageOf(b));
    if (!least || usageOf(least) >= BATCHES_A_THREAD) return null;
    return usageOf(least) > 0 && workers.length < threads ? null : least;
  };
}

/** A single task with a signal counts as no end of them to the pool. */
const usageOf = ({ currentUsage }: Thread): number => (currentUsage === Infinity ? 1 : currentUsage);

/** A thread ended that was at something else: nothing is wrong with this. */
const ended = (cause: unknown): Unavailable =>
  new Unavailable('thread.ended', 'The thread that worked on this was ended. It is tried again.', { cause });
