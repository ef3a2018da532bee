import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { FeedPull } from '#libs/documents/sources/feed';
import { Asker } from '../http/asker';
import { Validators } from '../http/http-state';
import { requestDigest } from '../http/request';
import { jsonParts } from '../record-parts';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { pageRequest } from '../web/page-request';
import { feedItems } from './feed-items';

const ACCEPT = 'application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5';

export interface FeedState {
  readonly validators?: Validators;
  /** SHA-256 of the feed as it came last, for servers that know no validators. */
  readonly digest?: string;
  /** The newest time among its items. RFC 3339 UTC. */
  readonly newest?: string;
}

/**
 * Reads a feed whole, whenever it has changed: a feed is a window over the newest items, and says nothing of what is new
 * in it. Items that come again are told apart by their `id` in the store.
 */
@Injectable()
export class FeedReader extends SourceReader<'feed', FeedState> {
  constructor(private readonly asker: Asker) {
    super();
  }

  async *read({
    pipeline,
    source,
    state,
    until,
    signal,
  }: ReadRequest<FeedPull, FeedState>): AsyncGenerator<SourcePage<FeedState>, ReadEnd> {
    const request = pageRequest(source.feed, ACCEPT);
    const known = state.validators?.request === requestDigest(request) ? state.validators : undefined;
    const asked = await this.asker.ask({ pipeline, limits: source.limits, until, signal }, source.feed, request, known);
    if (asked.kind === 'wait') return { done: false, waitMs: asked.waitMs };
    if (asked.kind === 'unchanged') return { done: true };
    const { body, etag, lastModified } = asked.answer;
    const digest = createHash('sha256').update(body).digest('hex');
    if (digest === state.digest) return { done: true };
    const items = feedItems(body);
    const times = items.flatMap(({ updated, published }) => updated ?? published ?? []).sort();
    const newest = times.at(-1) ?? state.newest;
    yield {
      parts: jsonParts(items),
      count: items.length,
      bytes: body.length,
      state: {
        validators: {
          request: requestDigest(request),
          ...(etag ? { etag } : {}),
          ...(lastModified ? { lastModified } : {}),
        },
        digest,
        ...(newest === undefined ? {} : { newest }),
      },
    };
    return { done: true };
  }

  positionOf({ newest }: Partial<FeedState>): string | undefined {
    return newest;
  }
}
