import type { SourceCommon } from './common';
import type { HttpAuth } from './http';

/** Reads a feed: RSS 2.0, RSS 1.0 or Atom. */
export interface FeedPull extends SourceCommon {
  readonly feed: WebPlace;
}

/** A page of the web and who asks for it. */
export interface WebPlace {
  /** Absolute URL; may start with `${connection.NAME}`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: HttpAuth;
}
