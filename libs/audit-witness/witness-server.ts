import { KeyObject } from 'node:crypto';
import { createServer, IncomingMessage, Server } from 'node:http';
import { cosign } from '#libs/audit-proof/cosignature';
import { judgeCheckpoint, readWitnessRequest, WitnessRequest, WitnessVerdict } from '#libs/audit-proof/witness';
import { WitnessState } from './witness-state';

const BODY_MAX_BYTES = 64 * 1024;
const REQUEST_MS = 10_000;

export interface WitnessOptions {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** Origin -> the keys of each log that is watched, as `name+hash+base64`: more than one where it was handed over. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  readonly state: WitnessState;
  readonly now: () => number;
  /** Told of each refusal: a log that went back or forked is why a witness is there. */
  readonly onRefusal: (reason: string) => void;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A witness (C2SP tlog-witness): one route, `POST /add-checkpoint`. */
export function witnessServer(options: WitnessOptions): Server {
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    // a slow sender holds up nobody; then one at a time, since each is judged by what the last left
    const handled = read(request).then((asked) => {
      const turn = last.then(() => answer(options, asked));
      last = turn.catch(() => undefined);
      return turn;
    });
    handled.then(
      ({ status, type, text }) => response.writeHead(status, { 'content-type': type }).end(text),
      () => response.destroy(),
    );
  });
  server.requestTimeout = REQUEST_MS;
  server.headersTimeout = REQUEST_MS;
  return server;
}

/** What is asked for, or the answer to what is no request of ours. */
async function read(request: IncomingMessage): Promise<WitnessRequest | Reply> {
  if (request.method !== 'POST' || request.url !== '/add-checkpoint') {
    request.resume();
    return plain(404, 'There is only POST /add-checkpoint here.');
  }
  const body = await bodyOf(request);
  return (
    (body === undefined ? undefined : readWitnessRequest(body)) ?? plain(400, 'This is no add-checkpoint request.')
  );
}

async function answer(options: WitnessOptions, asked: WitnessRequest | Reply): Promise<Reply> {
  if ('status' in asked) return asked;
  const { logs, state, name, privateKey, now, onRefusal } = options;
  const verdict = judgeCheckpoint(
    asked,
    (origin) => logs.get(origin) ?? [],
    (origin) => state.of(origin),
  );
  if (verdict.kind !== 'accepted') return refusal(verdict, onRefusal);
  const { origin, size, root } = verdict.checkpoint;
  await state.keep(origin, { size, root: root.toString('base64') });
  return plain(200, cosign(asked.note, Math.floor(now() / 1_000), name, privateKey));
}

function refusal(verdict: Exclude<WitnessVerdict, { kind: 'accepted' }>, tell: (reason: string) => void): Reply {
  tell(verdict.reason);
  if (verdict.kind === 'refused') return plain(verdict.status, verdict.reason);
  return { status: 409, type: 'text/x.tlog.size', text: `${verdict.size}\n` };
}

const plain = (status: number, text: string): Reply => ({
  status,
  type: 'text/plain; charset=utf-8',
  text: text.endsWith('\n') ? text : `${text}\n`,
});

/** The body, or undefined for one that is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > BODY_MAX_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
