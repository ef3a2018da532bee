import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { ColumnBatch } from '#libs/contracts/columns';
import { InstallSteps, StepProblem } from '#libs/contracts/steps';
import { fromWire } from '#libs/errors/wire';
import { compile } from '../core/compile';
import { Readable } from '../core/decode';
import { CompiledPipeline } from '../core/pipeline';
import { MeteredResult, RecordMeta, Reshaped, run } from '../core/run';
import { Reshaper } from '../reshape/reshaper';
import { KeyedSteps, RunRequest, SentDraft, VersionTraits } from './messages';
import { unpacked } from './packed-texts';
import { Threads } from './threads';

/** A larger payload pays for its way to a thread. Unit: bytes. */
const INLINE_MAX_BYTES = 8_192;

/** Steps that compile, ready to be run over records. */
export interface ReadySteps extends KeyedSteps {
  readonly traits: VersionTraits;
  /** There when the work is light. */
  readonly inline?: CompiledPipeline;
}

export type Preparation =
  | { readonly kind: 'ready'; readonly steps: ReadySteps; readonly warnings: readonly StepProblem[] }
  | { readonly kind: 'wrong'; readonly problems: readonly StepProblem[] };

export interface EngineInput extends Readable {
  readonly meta: RecordMeta;
}

/**
 * The one way in which batches, previews and retries become rows. Records pass the steps on threads; a few KiB of light
 * work are done where they are, which is sooner. Order is kept: one payload is worked on by one thread.
 */
@Injectable()
export class Engine {
  constructor(
    private readonly reshaper: Reshaper,
    private readonly threads: Threads,
  ) {}

  /** Compiles steps, or says what is wrong with them. */
  async prepare(install: InstallSteps, redactionKey?: Uint8Array): Promise<Preparation> {
    const keyed: KeyedSteps = { digest: digestOf(install, redactionKey), install, redactionKey };
    const reply = await this.threads.check(keyed);
    if (reply.kind === 'wrong') return reply;
    const { traits, warnings } = reply;
    const compilation = traits.isLight ? compile(install, { redactionKey }) : undefined;
    const inline = compilation?.kind === 'compiled' ? compilation.pipeline : undefined;
    return { kind: 'ready', steps: { ...keyed, traits, inline }, warnings };
  }

  /**
   * Throws BadRequest `events.malformed` for a payload that cannot be framed, Internal `records.stuck` for one that holds
   * its thread, Unavailable `thread.ended` when a thread ended for another reason.
   */
  async run(steps: ReadySteps, input: EngineInput): Promise<MeteredResult> {
    if (steps.inline && input.payload.byteLength <= INLINE_MAX_BYTES) return run(steps.inline, input);
    const { reshape } = steps.traits;
    const reshaped = reshape && (await this.reshaper.reshapePayload(reshape.jsonata, input));
    return this.onThread(steps, input, reshaped);
  }

  private async onThread(
    { digest, install, redactionKey }: ReadySteps,
    { payload, format, pieces, meta }: EngineInput,
    reshaped: readonly Reshaped[] | undefined,
  ): Promise<MeteredResult> {
    const { batchId, receivedAt } = meta;
    const request: Omit<RunRequest, 'beat'> = {
      digest,
      payload: new Uint8Array(payload),
      format,
      pieces,
      batchId,
      receivedAtMs: receivedAt.getTime(),
      reshaped,
    };
    let reply = await this.threads.run(request);
    if (reply.kind === 'unknown') {
      const steps: KeyedSteps = { digest, install, redactionKey };
      reply = await this.threads.run({ ...request, payload: reply.payload, steps });
    }
    if (reply.kind === 'done') {
      const { length, columns, quarantined, ...counts } = reply.result;
      const rows = ColumnBatch.of(length, columns.map(unpacked));
      return { ...counts, rows, quarantined: quarantined.map((draft) => withRaw(draft, payload)) };
    }
    if (reply.kind === 'refused') throw fromWire(reply.error);
    throw new Error('A thread asked for steps that came with the payload.');
  }
}

const withRaw = ({ raw, ...draft }: SentDraft, payload: Uint8Array): MeteredResult['quarantined'][number] => ({
  ...draft,
  raw: raw instanceof Uint8Array ? raw : payload.subarray(...raw),
});

const digestOf = (install: InstallSteps, key: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(JSON.stringify(install))
    .update(key ?? '')
    .digest('base64url');
