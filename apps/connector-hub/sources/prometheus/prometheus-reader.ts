import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { PrometheusPull } from '#libs/documents/sources/prometheus';
import { Asker } from '../http/asker';
import { jsonParts } from '../record-parts';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { pageRequest } from '../web/page-request';
import { scrapedSamples } from './exposition';

const ACCEPT = 'text/plain;version=0.0.4, text/plain;q=0.5';

export interface PrometheusState {
  /** When the last scrape was. RFC 3339 UTC. */
  readonly scrapedAt?: string;
}

/** Scrapes an endpoint once a pull. A scrape is taken in whole or not at all; its samples bear its time. */
@Injectable()
export class PrometheusReader extends SourceReader<'prometheus', PrometheusState> {
  constructor(
    private readonly asker: Asker,
    private readonly clock: Clock,
  ) {
    super();
  }

  async *read({
    pipeline,
    source,
    until,
    signal,
  }: ReadRequest<PrometheusPull, PrometheusState>): AsyncGenerator<SourcePage<PrometheusState>, ReadEnd> {
    const { prometheus, limits } = source;
    const asking = { pipeline, limits, until, signal };
    const asked = await this.asker.ask(asking, prometheus, pageRequest(prometheus, ACCEPT));
    if (asked.kind === 'wait') return { done: false, waitMs: asked.waitMs };
    if (asked.kind === 'unchanged') return { done: true };
    const scrapedAt = this.clock.now();
    const { body } = asked.answer;
    const samples = scrapedSamples(body.toString('utf8'), scrapedAt);
    yield {
      parts: jsonParts(samples),
      count: samples.length,
      bytes: body.length,
      state: { scrapedAt: scrapedAt.toISOString() },
      isLast: true,
    };
    return { done: true };
  }

  positionOf({ scrapedAt }: Partial<PrometheusState>): string | undefined {
    return scrapedAt;
  }
}
