import { once } from 'node:events';
import { connect, createServer, Server, Socket } from 'node:net';

/**
 * Stands between Chartly and a peer. When it holds, it lets nothing more through from the first acknowledgement on: what
 * was taken in is committed by then, and the peer has not heard of it.
 */
export class AckProxy {
  private readonly sockets = new Set<Socket>();
  private holding = false;
  private heard: () => void = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(peerPort: number, isAck: (sent: Buffer) => boolean): Promise<AckProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
    const proxy = new AckProxy(server, address.port);
    server.on('connection', (client) => proxy.join(client, peerPort, isAck));
    return proxy;
  }

  /** Resolves when an acknowledgement was kept from the peer. */
  hold(): Promise<void> {
    this.holding = true;
    return new Promise((resolve) => (this.heard = resolve));
  }

  letThrough(): void {
    this.holding = false;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, peerPort: number, isAck: (sent: Buffer) => boolean): void {
    const peer = connect(peerPort, '127.0.0.1');
    let cut = false;
    client.on('data', (sent) => {
      cut ||= this.holding && isAck(sent);
      if (cut) this.heard();
      else peer.write(sent);
    });
    peer.on('data', (answer) => client.write(answer));
    for (const [socket, other] of [
      [client, peer],
      [peer, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined); // its close says the same
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
