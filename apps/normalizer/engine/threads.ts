import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import { availableParallelism } from 'node:os';
import Piscina from 'piscina';
import { ChartlyConfig } from '#libs/config/config';
import { Internal, Unavailable } from '#libs/errors/errors';
import { builtFile } from '../built-file';
import { AT_WORK, BEATS, CheckReply, KeyedSteps, RunReply, RunRequest } from './messages';

/** One core is for everything else. */
const THREADS = Math.min(4, Math.max(1, availableParallelism() - 1));
/** Batches that share a thread, so that a slow one does not hold the others up. */
const BATCHES_A_THREAD = 16;
const WAITING_MAX = 1_000;
/** What a thread may hold on its heap. Unit: MiB. */
const HEAP_MAX_MIB = 512;
/** A thread that is at one slice for so long is ended. Unit: milliseconds. */
const SLICE_STUCK_MS = 10_000;
const LOOK_EVERY_MS = 1_000;
const CHECK_MAX_MS = 10_000;

interface Watched {
  readonly beat: Int32Array;
  readonly abort: AbortController;
  beats: number;
  sinceMs: number;
}

/** The threads that expressions run on, so that none of them ever holds up a server's loop (rule 27). */
@Injectable()
export class Threads implements OnApplicationShutdown {
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
    this.pool ??= new Piscina({
      filename: builtFile('apps/normalizer/engine/engine.worker.ts'),
      minThreads: 1,
      maxThreads: this.config.normalizerThreads ?? THREADS,
      concurrentTasksPerWorker: BATCHES_A_THREAD,
      maxQueue: WAITING_MAX,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MIB },
      recordTiming: false,
    });
    return this.pool;
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

/** A thread ended that was at something else: nothing is wrong with this. */
const ended = (cause: unknown): Unavailable =>
  new Unavailable('thread.ended', 'The thread that worked on this was ended. It is tried again.', { cause });
