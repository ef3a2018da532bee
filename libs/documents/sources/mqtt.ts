import type { SourceCommon } from './common';
import type { MessageFormat } from './messages';

/** Takes the messages that an MQTT 5 broker keeps for a session of QoS 1. */
export interface MqttPull extends SourceCommon {
  readonly mqtt: MqttSource;
}

export interface MqttSource {
  /** `mqtt://host:port`, `mqtts://` with TLS, without a user; may be `${connection.NAME}`. */
  readonly url: string;
  readonly auth?: { readonly user: string; readonly password: string };
  /** Topic filters, `+` and `#` as in MQTT. */
  readonly topics: readonly string[];
  /** Under which the broker keeps the session; `chartly-PROJECT-PIPELINE` when left out. */
  readonly clientId?: string;
  /** How long the broker keeps the session while nobody is connected; `7d` when left out. */
  readonly session?: string;
  /** `json` when left out. */
  readonly format?: MessageFormat;
}
