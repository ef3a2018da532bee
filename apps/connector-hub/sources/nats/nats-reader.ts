import { Injectable } from '@nestjs/common';
import {
  AckPolicy,
  Consumer,
  ConsumerInfo,
  DeliverPolicy,
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  JetStreamManager,
  JsMsg,
  NextMsgRequest,
  SeqMsgRequest,
} from '@nats-io/jetstream';
import { MsgHdrs, NatsConnection, nanos } from '@nats-io/transport-node';
import { readerName } from '#libs/documents/sources/messages';
import { NatsPull, NatsSource } from '#libs/documents/sources/nats';
import { Unprocessable } from '#libs/errors/errors';
import { EgressGuard } from '#libs/egress/egress-guard';
import { messageRecord } from '../messages/message-record';
import { rawJsonParts } from '../record-parts';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { connectNats, natsError } from './nats-connection';

/** Messages at once: each may be a record of 1 MiB. */
const PAGE_MESSAGES = 100;
const FETCH_MS = 1_000;
/** When a message that Chartly died over is given again: longer than it takes to commit a page. */
const ACK_WAIT_MS = 30_000;
const CONSUMER_UNKNOWN = 10014;

export interface NatsState {
  /** Place in the stream of the message that was taken in last. */
  readonly sequence?: number;
}

/** What a message is beside its payload, however it was asked for. */
interface Received {
  readonly seq: number;
  readonly subject: string;
  readonly time: Date;
  readonly data: Uint8Array;
  readonly headers?: MsgHdrs;
}

/**
 * Reads a stream through a durable consumer. A message is acknowledged, and the acknowledgement confirmed, after its page
 * is committed; what was given and not acknowledged is given again, at once when the page was refused and after the
 * consumer's `ack_wait` when Chartly died.
 */
@Injectable()
export class NatsReader extends SourceReader<'nats', NatsState> {
  constructor(private readonly guard: EgressGuard) {
    super();
  }

  async *read(request: ReadRequest<NatsPull, NatsState>): AsyncGenerator<SourcePage<NatsState>, ReadEnd> {
    const { source, signal } = request;
    const connection = await connectNats(this.guard, source.nats);
    const hangUp = (): void => void connection.close().catch(() => undefined);
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      const manager = await jetstreamManager(connection);
      if (request.peek) {
        yield* glance(manager, source.nats);
      } else {
        const consumer = await consumerOf(connection, manager, source.nats, readerName(request.pipeline));
        yield* pagesOf(consumer, source.nats);
      }
      return { done: true };
    } catch (thrown) {
      throw natsError(thrown);
    } finally {
      signal.removeEventListener('abort', hangUp);
      await connection.drain().catch(() => undefined); // it is closed already
    }
  }

  positionOf({ sequence }: Partial<NatsState>): string | undefined {
    return sequence === undefined ? undefined : String(sequence);
  }
}

async function* pagesOf(consumer: Consumer, source: NatsSource): AsyncGenerator<SourcePage<NatsState>, void> {
  for (;;) {
    const { num_pending: waiting, num_ack_pending: given } = await consumer.info();
    if (waiting === 0 && given === 0) return;
    const messages = await fetched(consumer, Math.min(PAGE_MESSAGES, Math.max(waiting, 1)));
    const last = messages.at(-1);
    if (!last) return;
    let settled = false;
    try {
      yield {
        ...pageOf(source, messages),
        state: { sequence: last.seq },
        acknowledge: async () => {
          settled = true;
          await Promise.all(messages.map((message) => message.ackAck()));
        },
      };
    } finally {
      if (!settled) messages.forEach((message) => message.nak());
    }
  }
}

async function fetched(consumer: Consumer, most: number): Promise<JsMsg[]> {
  const messages: JsMsg[] = [];
  for await (const message of await consumer.fetch({ max_messages: most, expires: FETCH_MS })) messages.push(message);
  return messages;
}

/** The first messages that there are, with no consumer. */
async function* glance(manager: JetStreamManager, source: NatsSource): AsyncGenerator<SourcePage<NatsState>, void> {
  const { state } = await manager.streams.info(source.stream);
  const messages: Received[] = [];
  for (let from = state.first_seq; messages.length < PAGE_MESSAGES;) {
    const next: NextMsgRequest & SeqMsgRequest = { seq: from, next_by_subj: source.subject ?? '>' };
    const message = await manager.streams.getMessage(source.stream, next);
    if (!message) break;
    const { seq, subject, time, data, header: headers } = message;
    messages.push({ seq, subject, time, data, headers });
    from = seq + 1;
  }
  const last = messages.at(-1);
  if (last) yield { ...pageOf(source, messages), state: { sequence: last.seq } };
}

async function consumerOf(
  connection: NatsConnection,
  manager: JetStreamManager,
  source: NatsSource,
  name: string,
): Promise<Consumer> {
  const { stream, subject, start, durable = name } = source;
  const known = await infoOf(manager, stream, durable);
  if (known) expectSame(known, source, durable);
  else {
    await manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      deliver_policy: start === 'latest' ? DeliverPolicy.New : DeliverPolicy.All,
      ...(subject === undefined ? {} : { filter_subject: subject }),
    });
  }
  return jetstream(connection).consumers.get(stream, durable);
}

async function infoOf(manager: JetStreamManager, stream: string, durable: string): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, durable);
  } catch (thrown) {
    if (thrown instanceof JetStreamApiError && thrown.code === CONSUMER_UNKNOWN) return undefined;
    throw thrown;
  }
}

/** A consumer that somebody made otherwise would skip subjects, or forget messages that nobody has. */
function expectSame({ config }: ConsumerInfo, { subject }: NatsSource, durable: string): void {
  const wrong =
    config.ack_policy !== AckPolicy.Explicit
      ? `has the acknowledgement policy "${config.ack_policy}", which loses messages; it must be "explicit"`
      : (config.filter_subject ?? '') !== (subject ?? '')
        ? `reads ${config.filter_subject ? `the subject ${config.filter_subject}` : 'all subjects'}, and the document says ${subject ?? 'all'}`
        : undefined;
  if (wrong === undefined) return;
  throw new Unprocessable(
    'pull.refused',
    `The consumer "${durable}" ${wrong}. Name another as durable, or remove that one.`,
  );
}

function pageOf(
  { stream, format = 'json' }: NatsSource,
  messages: readonly Received[],
): Omit<SourcePage<NatsState>, 'state'> {
  const records = messages.map(({ seq, subject, time, headers, data }) =>
    messageRecord(
      { stream, sequence: seq, subject, time: time.toISOString(), ...headersOf(headers) },
      Buffer.from(data),
      format,
      `The message ${seq} of the stream "${stream}"`,
    ),
  );
  const bytes = messages.reduce((sum, { data }) => sum + data.length, 0);
  return { parts: rawJsonParts(records), count: records.length, bytes };
}

function headersOf(headers: MsgHdrs | undefined): { readonly headers?: object } {
  const names = headers?.keys() ?? [];
  if (!headers || names.length === 0) return {};
  const valueOf = (values: readonly string[]): unknown => (values.length === 1 ? values[0] : values);
  return { headers: Object.fromEntries(names.map((name) => [name, valueOf(headers.values(name))])) };
}
