import { Injectable, Logger } from '@nestjs/common';
import type { IPublishPacket } from 'mqtt-packet';
import { Clock, Ids } from '#libs/clock/clock';
import { durationMs } from '#libs/documents/duration';
import { readerName } from '#libs/documents/sources/messages';
import { MqttPull, MqttSource } from '#libs/documents/sources/mqtt';
import { EgressGuard } from '#libs/egress/egress-guard';
import { messageRecord } from '../messages/message-record';
import { peerOf } from '../messages/peer';
import { rawJsonParts } from '../record-parts';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { MqttSession } from './mqtt-session';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 };
/** Messages at once: each may be a record of 1 MiB. */
const PAGE_MESSAGES = 100;
/** A topic on which nothing comes for so long is read dry for now; what comes later waits at the broker. */
const IDLE_MS = 500;
/** How long a preview waits for a first message. */
const GLANCE_MS = 5_000;
const SESSION = '7d';
const SESSION_MAX_S = 0xfffffffe;

export interface MqttState {
  /** What the broker's session is subscribed to. */
  readonly topics?: readonly string[];
  /** When the last message came that was taken in. RFC 3339 UTC. */
  readonly received?: string;
}

/**
 * Takes what the broker keeps for a session of the pipeline's own. A message is acknowledged (QoS 1) after its page is
 * committed; what was given and not acknowledged is given again with the next connection.
 */
@Injectable()
export class MqttReader extends SourceReader<'mqtt', MqttState> {
  private readonly logger = new Logger('MqttReader');

  constructor(
    private readonly guard: EgressGuard,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {
    super();
  }

  async *read(request: ReadRequest<MqttPull, MqttState>): AsyncGenerator<SourcePage<MqttState>, ReadEnd> {
    const { mqtt } = request.source;
    const { session, resumed } = await this.opened(request);
    const hangUp = (): void => session.hangUp();
    request.signal.addEventListener('abort', hangUp, { once: true });
    try {
      if (request.peek) {
        await session.subscribe(mqtt.topics);
        yield* this.pages(session, mqtt, GLANCE_MS);
        return { done: true };
      }
      const { topics: before } = request.state;
      if (before && !resumed) this.tellOfLoss(request);
      const gone = before?.filter((topic) => resumed && !mqtt.topics.includes(topic)) ?? [];
      if (gone.length > 0) await session.unsubscribe(gone);
      await session.subscribe(mqtt.topics);
      if (gone.length > 0 || !before) yield { parts: [], count: 0, bytes: 0, state: { topics: mqtt.topics } };
      yield* this.pages(session, mqtt);
      return { done: true };
    } finally {
      request.signal.removeEventListener('abort', hangUp);
      await session.close();
    }
  }

  positionOf({ received }: Partial<MqttState>): string | undefined {
    return received;
  }

  private async opened({ source: { mqtt }, pipeline, peek }: ReadRequest<MqttPull, MqttState>) {
    const { protocol } = new URL(mqtt.url);
    const peer = await peerOf(this.guard, mqtt.url, DEFAULT_PORTS[protocol] ?? 0);
    const keptS = Math.min(Math.ceil(durationMs(mqtt.session ?? SESSION) / 1_000), SESSION_MAX_S);
    return MqttSession.open(peer, {
      tls: protocol === 'mqtts:',
      clientId: peek ? `chartly-peek-${this.ids.uuidv7()}` : (mqtt.clientId ?? readerName(pipeline)),
      keptS: peek ? 0 : keptS,
      auth: mqtt.auth,
    });
  }

  private async *pages(
    session: MqttSession,
    source: MqttSource,
    firstMs = IDLE_MS,
  ): AsyncGenerator<SourcePage<MqttState>, void> {
    for (let waitMs = firstMs; ; waitMs = IDLE_MS) {
      const messages = await session.take(PAGE_MESSAGES, waitMs);
      if (messages.length === 0) return;
      const received = this.clock.now().toISOString();
      const records = messages.map((message) => recordOf(message, received, source));
      yield {
        parts: rawJsonParts(records),
        count: records.length,
        bytes: messages.reduce((sum, { payload }) => sum + payload.length, 0),
        state: { topics: source.topics, received },
        acknowledge: () => session.acknowledge(messages),
      };
    }
  }

  private tellOfLoss({ pipeline: { project, pipeline } }: ReadRequest<MqttPull, MqttState>): void {
    this.logger.warn(
      `${project}/${pipeline}: the broker no longer had the session, so what was published meanwhile did not come. Raise \`session\` here, or what the broker keeps.`,
    );
  }
}

function recordOf(message: IPublishPacket, received: string, { format = 'json' }: MqttSource): Buffer {
  const { topic, retain, payload, properties } = message;
  const head = {
    topic,
    received,
    ...(retain ? { retained: true } : {}),
    ...(properties?.contentType === undefined ? {} : { contentType: properties.contentType }),
    ...(properties?.userProperties ? { properties: { ...properties.userProperties } } : {}),
  };
  return messageRecord(head, Buffer.from(payload), format, `A message of the topic "${topic}"`);
}
