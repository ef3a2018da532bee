import { once } from 'node:events';
import { connect, createServer, Server } from 'node:net';
import { until } from '../../../support/until';

const PORT = 9_090;

/**
 * The address of a role as a cluster's Service gives it: connections go to the endpoints in turn, and where there is
 * none they are refused. A connection that is open stays with the endpoint that it began with.
 */
export class ServiceAddress {
  private readonly endpoints: number[] = [];
  private readonly open = new Map<number, number>();
  private server?: Server;
  private turn = 0;

  private constructor(private readonly host: string) {}

  /** The `at`th of this process: on a loopback address of its own, which no other process takes while it is closed. */
  static own(at: number): ServiceAddress {
    const [high, low] = [(process.pid >> 8) & 255, process.pid & 255];
    return new ServiceAddress(`127.${high}.${low}.${at + 2}`);
  }

  get url(): string {
    return `http://${this.host}:${PORT}`;
  }

  async add(endpoint: number): Promise<void> {
    this.endpoints.push(endpoint);
    if (this.server) return;
    this.server = createServer((socket) => {
      const target = this.endpoints[(this.turn += 1) % this.endpoints.length];
      if (target === undefined) return void socket.destroy(); // it came as the last endpoint went
      const upstream = connect(target, '127.0.0.1');
      this.open.set(target, this.connectionsTo(target) + 1);
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      upstream.on('close', () => {
        this.open.set(target, this.connectionsTo(target) - 1);
        socket.destroySoon();
      });
    });
    this.server.listen(PORT, this.host);
    await once(this.server, 'listening');
  }

  /** No new connection goes there from now on. */
  remove(endpoint: number): void {
    this.endpoints.splice(this.endpoints.indexOf(endpoint), 1);
    if (this.endpoints.length > 0) return;
    this.server?.close();
    this.server = undefined;
  }

  /** Waits until an endpoint that was removed has no connection left: what the delay of `preStop` is for. */
  async forgotten(endpoint: number): Promise<void> {
    await until(`the connections to ${endpoint} to end`, () =>
      Promise.resolve(this.connectionsTo(endpoint) === 0 ? true : undefined),
    );
  }

  close(): void {
    this.server?.close();
    this.server = undefined;
  }

  private connectionsTo(endpoint: number): number {
    return this.open.get(endpoint) ?? 0;
  }
}
