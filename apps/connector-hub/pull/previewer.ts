import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { PreviewedPart, PreviewedSource, PreviewSource } from '#libs/contracts/source-preview';
import { ChartlyError, Unprocessable } from '#libs/errors/errors';
import { Secrets } from '#libs/secrets/secrets';
import { currentCall } from '#libs/transport/call-context';
import { SourceReaders } from '../sources/source-readers';

const WITHIN_MS = 45_000;
/** Pages without records, as those of parents are, that are read on the way to one with records. */
const EMPTY_PAGES_MAX = 20;

/**
 * Looks at the first pages of a source with the very reader that pulls it, and keeps nothing. What it shows is without
 * the secrets that it asked with: a source may repeat them.
 */
@Injectable()
export class Previewer {
  constructor(
    private readonly readers: SourceReaders,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** See `ConnectorHubContract.preview`. Nothing is acknowledged to the source. */
  async preview({ project, pipeline, source: written, pages: wanted = 1 }: PreviewSource): Promise<PreviewedSource> {
    const opened = await this.secrets.open(project, written, `Preview/${project}/${pipeline}`);
    const { value: source } = opened;
    const reader = this.readers.of(source);
    const until = this.clock.now().getTime() + WITHIN_MS;
    const signal = currentCall().signal ?? new AbortController().signal;
    const reading = reader.read({ pipeline: { project, pipeline }, source, state: {}, until, signal, peek: true });
    const parts: PreviewedPart[] = [];
    const seen = { pages: 0, records: 0, bytes: 0, done: false };
    let state: object = {};
    try {
      for (let empty = 0; seen.pages < wanted && empty < EMPTY_PAGES_MAX;) {
        const next = await reading.next();
        if (next.done) {
          if (!next.value.done && seen.pages === 0) throw waits(next.value.waitMs);
          seen.done = next.value.done;
          break;
        }
        const page = next.value;
        ({ state } = page);
        seen.bytes += page.bytes;
        seen.records += page.count;
        if (page.count > 0) seen.pages += 1;
        else empty += 1;
        parts.push(...page.parts);
      }
    } catch (thrown) {
      throw this.readers.hiding(opened).error(ofSource(thrown));
    } finally {
      await reading.return({ done: false, waitMs: 0 });
    }
    const hiding = this.readers.hiding(opened);
    const cursor = reader.positionOf(state, source);
    return {
      ...seen,
      parts: parts.map((part) => ({ ...part, payload: hiding.bytes(part.payload) })),
      ...(cursor === undefined ? {} : { cursor: hiding.text(cursor) }),
    };
  }
}

const waits = (waitMs: number): Unprocessable =>
  new Unprocessable(
    'preview.waits',
    `The source asks to wait ${Math.ceil(waitMs / 1_000)} s before the next request. Try again then.`,
  );

/** That a source fails is news of the source: nothing of ours is away, and nothing is forbidden to the caller. */
const ofSource = (thrown: unknown): unknown =>
  thrown instanceof ChartlyError && thrown.status !== 500
    ? new Unprocessable(thrown.code, thrown.message, { cause: thrown })
    : thrown;
