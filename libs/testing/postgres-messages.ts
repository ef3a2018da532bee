/** One message of Postgres' protocol version 3; the first of a client has no type. */
export interface ProtocolMessage {
  /** The letter of the type, or `''`. */
  readonly type: string;
  /** The whole message. */
  readonly bytes: Buffer;
  /** The SQL of a Parse (`P`) or Query (`Q`). */
  readonly text: () => string;
}

const LENGTH_BYTES = 4;

/** Cuts one direction of a connection into its messages, however they were sliced on the way. */
export class MessageSplitter {
  private rest: Buffer = Buffer.alloc(0);
  private started: boolean;

  constructor(
    side: 'client' | 'server',
    private readonly take: (message: ProtocolMessage) => void,
  ) {
    this.started = side === 'server';
  }

  push(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (;;) {
      const typeBytes = this.started ? 1 : 0;
      if (this.rest.length < typeBytes + LENGTH_BYTES) return;
      const length = typeBytes + this.rest.readInt32BE(typeBytes);
      if (this.rest.length < length) return;
      const bytes = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      const type = this.started ? String.fromCharCode(bytes[0] ?? 0) : '';
      this.started = true;
      this.take({ type, bytes, text: () => sqlOf(type, bytes) });
    }
  }
}

/** A Parse names its statement first; a Query begins with its text. Both end their strings with a zero byte. */
function sqlOf(type: string, bytes: Buffer): string {
  const head = 1 + LENGTH_BYTES;
  const from = type === 'P' ? bytes.indexOf(0, head) + 1 : head;
  return bytes.toString('utf8', from, bytes.indexOf(0, from));
}
