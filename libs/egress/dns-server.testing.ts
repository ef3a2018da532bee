import { createSocket, Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { Resolve } from './egress-guard';

/** A DNS server on this machine (RFC 1035) that answers each question for an A record with the next of its answers. */
export class DnsServer {
  questions = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly port: number,
  ) {}

  static async start(...answers: readonly string[]): Promise<DnsServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const server = new DnsServer(socket, socket.address().port);
    socket.on('message', (question, from) => {
      const address = answers[Math.min(server.questions, answers.length - 1)] ?? '127.0.0.1';
      server.questions += 1;
      socket.send(answerTo(question, address), from.port, from.address);
    });
    return server;
  }

  /** Asks this server anew each time, as a record that lives for 0 seconds makes everybody do. */
  get resolve(): Resolve {
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${this.port}`]);
    return (host) => resolver.resolve4(host);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }
}

/** The question again with one A record behind it: name by pointer, class IN, a life of 0 seconds, four bytes. */
function answerTo(question: Buffer, address: string): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([head, record]);
}
