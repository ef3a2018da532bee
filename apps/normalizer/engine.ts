import { Injectable } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { CompiledPipeline } from './core/pipeline';
import { BatchInput, MeteredResult, runInChunks } from './core/run';
import { Reshaper } from './reshape/reshaper';

/** How long records are worked on before others get the event loop. Unit: milliseconds. */
const SLICE_MS = 10;

/** Runs compiled steps over a payload: the one way in which batches, previews and retries become rows. */
@Injectable()
export class Engine {
  constructor(private readonly reshaper: Reshaper) {}

  /** Throws BadRequest `events.malformed` for a payload that cannot be framed. */
  async run(pipeline: CompiledPipeline, input: Omit<BatchInput, 'reshaped'>): Promise<MeteredResult> {
    const { reshape } = pipeline;
    const reshaped = reshape && (await this.reshaper.reshapePayload(reshape.jsonata, input.payload, input.format));
    const work = runInChunks(pipeline, { ...input, reshaped });
    for (let began = performance.now(); ;) {
      const { done, value } = work.next();
      if (done) return value;
      if (performance.now() - began < SLICE_MS) continue;
      await setImmediate();
      began = performance.now();
    }
  }
}
