import { generate, IConnackPacket, IPublishPacket, ISubackPacket, Packet, parser } from 'mqtt-packet';
import { connect as connectPlain, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Unavailable, Unprocessable } from '#libs/errors/errors';
import { RECORD_MAX_BYTES } from '#libs/framing/frames';
import { authRefusedBy, awayFrom, certifiedFor, Peer, PEER_TIMEOUT_MS, refusedBy } from '../messages/peer';

const PROTOCOL = { protocolVersion: 5 } as const;
/** Messages that the broker gives before any of them is acknowledged. */
const WINDOW = 100;
/** What is held of messages without a window (QoS 0) before no more is read from the broker. */
const HELD_MAX_BYTES = 8 * RECORD_MAX_BYTES;
/** The longest packet: a record and what the protocol puts around it. */
const PACKET_MAX_BYTES = 2 * RECORD_MAX_BYTES;
/** Longer than a page may wait for its commit. */
const KEEPALIVE_S = 120;
const NOT_AUTHORIZED = new Set([0x86, 0x87, 0x8c]);
/** Server unavailable, busy, shutting down, quota, rate: it may take us later (MQTT 5.0 §2.4). */
const PASSING = new Set([0x88, 0x89, 0x8b, 0x8d, 0x8e, 0x96, 0x97, 0x9f]);
const WHO = "The source's MQTT broker";

export interface SessionOptions {
  readonly tls: boolean;
  readonly clientId: string;
  /** How long the broker keeps the session when nobody is connected; 0 for one that begins and ends here. Seconds. */
  readonly keptS: number;
  readonly auth?: { readonly user: string; readonly password: string };
}

/**
 * The receiving side of an MQTT 5 session in which every message is acknowledged by whoever took it, when he has kept
 * it: a client library acknowledges one message before it hands over the next.
 */
export class MqttSession {
  private readonly held: IPublishPacket[] = [];
  private heldBytes = 0;
  private unparsedBytes = 0;
  private lastId = 0;
  private failure?: Error;
  private readonly waiting = new Set<() => void>();
  private readonly answers = new Map<Packet['cmd'], Packet>();

  private constructor(private readonly socket: Socket) {
    const packets = parser(PROTOCOL);
    packets.on('packet', (packet: Packet) => this.took(packet));
    packets.on('error', (error: Error) => this.fail(refusedBy(WHO, error)));
    socket.on('data', (chunk) => {
      this.unparsedBytes += chunk.length;
      packets.parse(chunk);
      if (this.unparsedBytes > PACKET_MAX_BYTES) this.fail(packetTooLarge());
    });
    socket.on('error', (error) => this.fail(awayFrom(WHO, error)));
    socket.on('close', () => this.fail(new Unavailable('pull.failed', `${WHO} closed the connection.`)));
  }

  /** Throws Unprocessable `pull.auth` or `pull.refused`, Unavailable `pull.failed`. */
  static async open(
    { name, address, port }: Peer,
    { tls, clientId, keptS, auth }: SessionOptions,
  ): Promise<{ readonly session: MqttSession; readonly resumed: boolean }> {
    const at = { host: address, port };
    const socket = tls ? connectTls({ ...at, ...certifiedFor(name) }) : connectPlain(at);
    const session = new MqttSession(socket);
    try {
      const { sessionPresent, reasonCode = 0 } = await session.ask<IConnackPacket>('connack', {
        cmd: 'connect',
        ...PROTOCOL,
        protocolId: 'MQTT',
        clientId,
        clean: keptS === 0,
        keepalive: KEEPALIVE_S,
        ...(auth ? { username: auth.user, password: Buffer.from(auth.password) } : {}),
        properties: { sessionExpiryInterval: keptS, receiveMaximum: WINDOW },
      });
      if (reasonCode !== 0) throw refusal('the connection', reasonCode);
      return { session, resumed: sessionPresent };
    } catch (thrown) {
      session.hangUp();
      throw thrown;
    }
  }

  /** Messages that are retained come once, with the subscription that is new. */
  async subscribe(topics: readonly string[]): Promise<void> {
    const { granted } = await this.ask<ISubackPacket>('suback', {
      cmd: 'subscribe',
      messageId: this.nextId(),
      subscriptions: topics.map((topic) => ({ topic, qos: 1, rh: 1, rap: true })),
    });
    granted.forEach((code, at) => {
      const topic = `the topic "${topics[at] ?? ''}"`;
      if (typeof code !== 'number' || code >= 0x80) throw refusal(topic, Number(code));
      if (code === 0) throw refusedBy(WHO, new Error(`it gives ${topic} without acknowledgement (QoS 0) alone.`));
    });
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.ask('unsuback', { cmd: 'unsubscribe', messageId: this.nextId(), unsubscriptions: [...topics] });
  }

  /** What has come, `most` at once; waits for the first of it, and gives nothing when none came for `idleMs`. */
  async take(most: number, idleMs: number): Promise<IPublishPacket[]> {
    await this.happens(() => this.held.length > 0, idleMs);
    if (this.held.length === 0 && this.failure !== undefined) throw this.failure;
    const taken = this.held.splice(0, most);
    this.heldBytes -= taken.reduce((sum, { payload }) => sum + payload.length, 0);
    if (this.heldBytes < HELD_MAX_BYTES) this.socket.resume();
    return taken;
  }

  async acknowledge(messages: readonly IPublishPacket[]): Promise<void> {
    const acks = messages.flatMap(({ qos, messageId }) =>
      qos === 1 ? [generate({ cmd: 'puback', messageId, reasonCode: 0 }, PROTOCOL)] : [],
    );
    if (acks.length > 0) await this.write(Buffer.concat(acks));
  }

  /** Leaves the session to the broker, with all that was not acknowledged. */
  async close(): Promise<void> {
    if (!this.socket.destroyed) {
      await this.write(generate({ cmd: 'disconnect', reasonCode: 0 }, PROTOCOL)).catch(() => undefined); // it is gone then
    }
    this.hangUp();
  }

  hangUp(): void {
    this.socket.destroy();
  }

  private took(packet: Packet): void {
    this.unparsedBytes = 0;
    if (packet.cmd === 'publish') {
      this.held.push(packet);
      this.heldBytes += packet.payload.length;
      if (this.heldBytes >= HELD_MAX_BYTES) this.socket.pause();
    } else if (packet.cmd === 'disconnect') {
      this.fail(refusal('to go on', packet.reasonCode ?? 0));
    } else {
      this.answers.set(packet.cmd, packet);
    }
    this.wake();
  }

  private async ask<T extends Packet>(cmd: T['cmd'], packet: Packet): Promise<T> {
    this.answers.delete(cmd);
    await this.write(generate(packet, PROTOCOL)).catch((error: Error) => this.fail(awayFrom(WHO, error)));
    await this.happens(() => this.answers.has(cmd), PEER_TIMEOUT_MS);
    const answer = this.answers.get(cmd);
    if (answer) return answer as T; // it is kept by its cmd
    throw this.failure ?? new Unavailable('pull.failed', `${WHO} did not answer within ${PEER_TIMEOUT_MS} ms.`);
  }

  private write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => this.socket.write(bytes, (error) => (error ? reject(error) : resolve())));
  }

  /** Until it is so, the session failed, or `withinMs` are over. */
  private happens(isSo: () => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const ended = (): void => {
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve();
      };
      const check = (): void => (isSo() || this.failure !== undefined ? ended() : undefined);
      const timer = setTimeout(ended, withinMs);
      this.waiting.add(check);
      check();
    });
  }

  private fail(failure: Error): void {
    this.failure ??= failure;
    this.socket.destroy();
    this.wake();
  }

  private wake(): void {
    for (const check of [...this.waiting]) check();
  }

  private nextId(): number {
    return (this.lastId += 1);
  }
}

function refusal(what: string, code: number): Error {
  const error = new Error(`${what} (reason 0x${code.toString(16)} of MQTT 5).`);
  if (NOT_AUTHORIZED.has(code)) return authRefusedBy(WHO, error);
  return PASSING.has(code) ? awayFrom(WHO, error) : refusedBy(WHO, error);
}

const packetTooLarge = (): Unprocessable =>
  new Unprocessable(
    'pull.record_too_large',
    `${WHO} sends a message of more than ${PACKET_MAX_BYTES} bytes. Keep it from the topics of this pipeline.`,
  );
