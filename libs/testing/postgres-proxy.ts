import { once } from 'node:events';
import { connect, createServer, Server, Socket } from 'node:net';
import { MessageSplitter, ProtocolMessage } from './postgres-messages';

/**
 * Where a connection is cut, seen from a statement that commits by itself:
 * - `before`: the statement never reaches the server;
 * - `halfway`: the server gets the half of its parameters;
 * - `racing`: the server gets all of it, and the connection is gone while it works;
 * - `unanswered`: the server has committed, and its answer is held back.
 */
export type Cut = 'before' | 'halfway' | 'racing' | 'unanswered';

/** Says at each statement, by its text, whether and where its connection is cut. */
export type CutPlan = (sql: string) => Cut | undefined;

/** A TCP proxy in front of a Postgres that reads the wire protocol and cuts connections at exact messages. */
export class PostgresProxy {
  /** What was cut so far, by its place. */
  readonly cuts: Record<Cut, number> = { before: 0, halfway: 0, racing: 0, unanswered: 0 };
  private readonly sockets = new Set<Socket>();
  private plan: CutPlan = () => undefined;

  private constructor(
    private readonly server: Server,
    private readonly behind: URL,
  ) {
    server.on('connection', (client) => this.relay(client));
  }

  static async start(databaseUrl: string): Promise<PostgresProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PostgresProxy(server, new URL(databaseUrl));
  }

  /** The database behind the proxy. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port.');
    const url = new URL(this.behind);
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    return url.href;
  }

  cutBy(plan: CutPlan): void {
    this.plan = plan;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(client: Socket): void {
    const server = connect(Number(this.behind.port), this.behind.hostname);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined); // told by `close`
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    const session = new Session(client, server, (sql) => this.plan(sql), this.cuts);
    const sent = new MessageSplitter('client', (message) => session.sent(message));
    const answered = new MessageSplitter('server', (message) => session.answered(message));
    client.on('data', (chunk: Buffer) => sent.push(chunk));
    server.on('data', (chunk: Buffer) => answered.push(chunk));
  }
}

/** One connection, message by message. */
class Session {
  private cut: Cut | undefined;
  private over = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly plan: CutPlan,
    private readonly cuts: Record<Cut, number>,
  ) {}

  sent({ type, bytes, text }: ProtocolMessage): void {
    if (this.over) return;
    if (type === 'P' || type === 'Q') this.cut = this.plan(text());
    if (this.cut === 'before') return this.end('before');
    if (this.cut === 'halfway' && type === 'B') {
      this.over = true;
      this.server.write(bytes.subarray(0, bytes.length >> 1), () => this.close('halfway'));
      return;
    }
    if (this.cut === 'racing' && type === 'S') {
      this.over = true;
      this.server.write(bytes, () => this.close('racing'));
      return;
    }
    this.server.write(bytes);
  }

  answered({ type, bytes }: ProtocolMessage): void {
    if (this.over) return;
    if (this.cut !== 'unanswered') this.client.write(bytes);
    else if (type === 'Z') this.end('unanswered'); // ReadyForQuery: the commit is behind it
  }

  private end(cut: Cut): void {
    this.over = true;
    this.close(cut);
  }

  private close(cut: Cut): void {
    this.cuts[cut] += 1;
    this.client.destroy();
    this.server.destroy();
  }
}
