import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { CursorValue } from '#libs/documents/sources/cursor-value';
import { HttpPull } from '#libs/documents/sources/http';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { Answer, Asked, Asker, Asking } from './asker';
import { HttpState, OpenPull, Strand, Validators } from './http-state';
import { Page, readPage, readParents } from './page';
import { afterAnswers, afterParents, Answered, knownState, openPull, Turn, wantsParents } from './pull-plan';
import { HttpRequest, parentRequestFor, requestDigest, requestFor } from './request';

/** What one turn of requests came to. */
type TurnEnd =
  | { readonly kind: 'page'; readonly turn: Turn; readonly page: Omit<SourcePage<HttpState>, 'state'> }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'wait'; readonly waitMs: number };

type HttpRead = ReadRequest<HttpPull, HttpState>;

/** Reads HTTP APIs: pages, windows of time, children of parent records. */
@Injectable()
export class HttpReader extends SourceReader<'http', HttpState> {
  constructor(
    private readonly asker: Asker,
    private readonly clock: Clock,
  ) {
    super();
  }

  async *read(request: HttpRead): AsyncGenerator<SourcePage<HttpState>, ReadEnd> {
    let state = knownState(request.source, request.state);
    for (;;) {
      const pull = openPull(request.source, state, this.now());
      const end = wantsParents(pull)
        ? await this.askParents(request, state, pull)
        : await this.askRecords(request, state, pull);
      if (end.kind === 'wait') return { done: false, waitMs: end.waitMs };
      if (end.kind === 'unchanged') return { done: true };
      yield { ...end.page, state: end.turn.state, isLast: end.turn.done };
      if (end.turn.done) return { done: true };
      ({ state } = end.turn);
    }
  }

  override tokensOf({ http, parent }: HttpPull): readonly string[] {
    return [http, parent?.http].flatMap((asked) => (asked ? this.asker.tokensOf(asked) : []));
  }

  positionOf({ highWater }: Partial<HttpState>, { cursor }: HttpPull): string | undefined {
    return highWater === undefined ? undefined : shown(highWater, cursor);
  }

  private async askParents(request: HttpRead, state: HttpState, pull: OpenPull): Promise<TurnEnd> {
    const { source } = request;
    const { parent } = source;
    const strand = pull.parents?.strand;
    if (!parent || !strand) throw new TypeError('There are no parents to ask for.');
    const http = parent.http.auth || !source.http.auth ? parent.http : { ...parent.http, auth: source.http.auth };
    const asked = await this.asker.ask(askingOf(request), http, parentRequestFor(source, pull, strand));
    if (asked.kind !== 'answer') return asked;
    const turn = afterParents(source, state, pull, readParents(parent, asked.answer), this.now());
    return { kind: 'page', turn, page: { parts: [], count: 0, bytes: asked.answer.body.length } };
  }

  /** Asks for the next page of every strand at once. What came is taken in, even when another strand failed. */
  private async askRecords(request: HttpRead, state: HttpState, pull: OpenPull): Promise<TurnEnd> {
    const { source } = request;
    const asked = await Promise.allSettled(pull.strands.map((strand) => this.askStrand(request, state, pull, strand)));
    const came = asked.flatMap((result) =>
      result.status === 'fulfilled' && result.value.asked.kind === 'answer'
        ? { ...result.value, answer: result.value.asked.answer }
        : [],
    );
    if (came.length === 0) return otherwise(asked);
    const pages = came.map(({ strand, answer }) => ({ strand, page: readPage(source, answer, strand.parent) }));
    const [first] = came;
    const validators =
      first && source.http.conditional !== false ? validatorsOf(first.request, first.answer) : undefined;
    const turn = afterAnswers(source, state, pull, pages.map(answeredOf), validators, this.now());
    return {
      kind: 'page',
      turn,
      page: {
        parts: pages.flatMap(({ page }) => page.parts),
        count: pages.reduce((sum, { page }) => sum + page.facts.count, 0),
        bytes: came.reduce((sum, { answer }) => sum + answer.body.length, 0),
      },
    };
  }

  private async askStrand(
    request: HttpRead,
    { validators }: HttpState,
    pull: OpenPull,
    strand: Strand,
  ): Promise<{ readonly strand: Strand; readonly request: HttpRequest; readonly asked: Asked }> {
    const { source } = request;
    const toSend = requestFor(source, pull, strand);
    const known = pull.first && validators?.request === requestDigest(toSend) ? validators : undefined;
    return { strand, request: toSend, asked: await this.asker.ask(askingOf(request), source.http, toSend, known) };
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

const askingOf = ({ pipeline, source, until, signal }: HttpRead): Asking => ({
  pipeline,
  limits: source.limits,
  until,
  signal,
});

const answeredOf = ({ strand, page }: { readonly strand: Strand; readonly page: Page }): Answered => ({
  strand,
  facts: page.facts,
  newest: page.newest,
});

/** No strand answered: the first failure counts, else the longest wait. */
function otherwise(asked: readonly PromiseSettledResult<{ readonly asked: Asked }>[]): TurnEnd {
  const failed = asked.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const ends = asked.flatMap((result) => (result.status === 'fulfilled' ? result.value.asked : []));
  const waits = ends.flatMap((end) => (end.kind === 'wait' ? end.waitMs : []));
  return waits.length === 0 ? { kind: 'unchanged' } : { kind: 'wait', waitMs: Math.max(...waits) };
}

function validatorsOf(request: HttpRequest, { etag, lastModified }: Answer): Validators | undefined {
  if (etag === undefined && lastModified === undefined) return undefined;
  return {
    request: requestDigest(request),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

const shown = (value: CursorValue, cursor: HttpPull['cursor']): string =>
  typeof value === 'number' && (cursor?.type ?? 'time') === 'time' ? new Date(value).toISOString() : String(value);
