import type { SourceCommon } from './common';
import type { MessageFormat, Start } from './messages';

/** Reads the messages of a JetStream stream through a durable consumer. */
export interface NatsPull extends SourceCommon {
  readonly nats: NatsSource;
}

export interface NatsSource {
  /** `nats://host:port`, `tls://` to insist on TLS, without a user; may be `${connection.NAME}`. */
  readonly url: string;
  readonly auth?: NatsAuth;
  readonly stream: string;
  /** Of which subjects, `*` and `>` as in NATS; all of the stream when left out. */
  readonly subject?: string;
  /** The durable consumer, which is made when it is not there; `chartly-PROJECT-PIPELINE` when left out. */
  readonly durable?: string;
  /** Where a consumer begins that is made; `earliest` when left out. */
  readonly start?: Start;
  /** `json` when left out. */
  readonly format?: MessageFormat;
}

/** Exactly one of user with password, a token, or the text of a credentials file (JWT and seed). */
export interface NatsAuth {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly creds?: string;
}
