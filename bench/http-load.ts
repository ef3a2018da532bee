import { once } from 'node:events';
import { connect, Socket } from 'node:net';

const HEADERS_END = Buffer.from('\r\n\r\n');

/** One kept connection that sends the same request again and again and reads no more of an answer than it must. */
export class Connection {
  private waiting?: (status: number) => void;
  private rest: Buffer = Buffer.alloc(0);

  private constructor(
    private readonly socket: Socket,
    private readonly request: Buffer,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.read(chunk));
  }

  static async open(port: number, request: Buffer): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket, request);
  }

  /** Sends the request; calls back with the status of its answer once all of that is there. */
  send(answered: (status: number) => void): void {
    this.waiting = answered;
    this.socket.write(this.request);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const end = this.rest.indexOf(HEADERS_END);
    if (end === -1) return;
    const headers = this.rest.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(headers)?.[1] ?? 0);
    if (this.rest.length < end + HEADERS_END.length + length) return;
    this.rest = Buffer.alloc(0); // one request at a time: nothing follows its answer
    const answered = this.waiting;
    this.waiting = undefined;
    answered?.(Number(headers.slice(9, 12)));
  }
}

/** How many answers came in `ms`, each connection asking again as soon as it was answered. */
export async function saturate(connections: readonly Connection[], ms: number): Promise<number> {
  let answers = 0;
  const until = performance.now() + ms;
  await Promise.all(
    connections.map(
      (connection) =>
        new Promise<void>((resolve, reject) => {
          const again = (): void =>
            connection.send((status) => {
              if (status !== 200) return reject(new Error(`An answer has the status ${status}.`));
              answers += 1;
              if (performance.now() < until) again();
              else resolve();
            });
          again();
        }),
    ),
  );
  return answers;
}

/**
 * Times to an answer at a steady rate, from when the request was due and not from when there was a connection for it:
 * a server that falls behind is not spared. Unit: milliseconds, ascending.
 */
export async function timesAt(rate: number, connections: readonly Connection[], ms: number): Promise<number[]> {
  const times: number[] = [];
  const free = [...connections];
  const due: number[] = [];
  const total = Math.floor((rate * ms) / 1_000);
  const begin = performance.now();
  let asked = 0;
  await new Promise<void>((resolve, reject) => {
    const drain = (): void => {
      while (due.length > 0 && free.length > 0) {
        const [connection, at] = [free.pop()!, due.shift()!]; // neither is empty
        connection.send((status) => {
          if (status !== 200) return reject(new Error(`An answer has the status ${status}.`));
          times.push(performance.now() - at);
          free.push(connection);
          if (times.length === total) resolve();
          else drain();
        });
      }
    };
    const tick = (): void => {
      const now = performance.now();
      for (; asked < total && begin + (asked * 1_000) / rate <= now; asked += 1)
        due.push(begin + (asked * 1_000) / rate);
      drain();
      if (asked < total) setImmediate(tick);
    };
    tick();
  });
  return times.sort((a, b) => a - b);
}
