import { createSocket } from 'node:dgram';
import { connect as connectTcp, Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { Destination, ForwardedEntry, SEND_MS } from './destination';

/** Facility 13 is "log audit" (RFC 5424 §6.2.1). */
const FACILITY = 13;
const SEVERITIES: Readonly<Record<string, number>> = { succeeded: 5, denied: 4, failed: 3 };
const NOTICE = 5;
const MESSAGE_ID_MAX = 32;
const HOST_MAX = 255;
const NIL = '-';

export type SyslogTransport = 'udp' | 'tcp' | 'tls';

/**
 * Sends an entry as one message (RFC 5424): over UDP one a datagram (RFC 5426), over TCP and TLS counted by octets
 * (RFC 6587, RFC 5425). Syslog acknowledges nothing: what the network took and lost is not sent again.
 */
export class Syslog extends Destination {
  constructor(
    private readonly transport: SyslogTransport,
    private readonly host: string,
    private readonly port: number,
  ) {
    super();
  }

  send(entries: readonly ForwardedEntry[]): Promise<void> {
    const messages = entries.map((entry) => Buffer.from(syslogMessage(entry, hostname())));
    return this.transport === 'udp' ? this.sendDatagrams(messages) : this.sendCounted(messages);
  }

  private async sendDatagrams(messages: readonly Buffer[]): Promise<void> {
    const socket = createSocket(this.host.includes(':') ? 'udp6' : 'udp4');
    try {
      for (const message of messages) {
        await new Promise<void>((resolve, reject) =>
          socket.send(message, this.port, this.host, (error) => (error ? reject(error) : resolve())),
        );
      }
    } finally {
      socket.close();
    }
  }

  private sendCounted(messages: readonly Buffer[]): Promise<void> {
    const frames = Buffer.concat(messages.flatMap((message) => [Buffer.from(`${message.length} `), message]));
    return new Promise((resolve, reject) => {
      const socket = this.connect();
      socket.setTimeout(SEND_MS, () => socket.destroy(new Error(`it took nothing for ${SEND_MS / 1_000} s`)));
      socket.on('error', reject).on('close', () => resolve());
      socket.resume();
      socket.end(frames);
    });
  }

  private connect(): Socket {
    const { host, port } = this;
    return this.transport === 'tls' ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
  }
}

/** `<PRI>1 TIME HOST chartly INDEX ACTION - LEAF`. */
export function syslogMessage({ index, leaf }: ForwardedEntry, host: string): string {
  const { time, action, outcome } = JSON.parse(leaf) as { time?: string; action?: string; outcome?: string }; // ours
  const priority = FACILITY * 8 + (SEVERITIES[outcome ?? ''] ?? NOTICE);
  const id = printable(action, MESSAGE_ID_MAX);
  return `<${priority}>1 ${time ?? NIL} ${printable(host, HOST_MAX)} chartly ${index} ${id} ${NIL} ${leaf}`;
}

/** A header field: printable ASCII without spaces (RFC 5424 §6). */
const printable = (text: string | undefined, max: number): string =>
  text?.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, max) || NIL;
