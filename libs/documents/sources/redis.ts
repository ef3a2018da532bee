import type { SourceCommon } from './common';
import type { Start } from './messages';

/** Reads the entries of a Redis stream as a member of a consumer group. */
export interface RedisPull extends SourceCommon {
  readonly redis: RedisSource;
}

export interface RedisSource {
  /** `redis://host:port/database`, `rediss://` with TLS, without a user; may be `${connection.NAME}`. */
  readonly url: string;
  readonly auth?: { readonly user?: string; readonly password: string };
  /** Key of the stream. */
  readonly stream: string;
  /** The consumer group, which is made when it is not there; `chartly-PROJECT-PIPELINE` when left out. */
  readonly group?: string;
  /** Where a group begins that is made; `earliest` when left out. */
  readonly start?: Start;
}
