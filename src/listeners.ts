import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { NotFound, Unavailable } from '#libs/errors/errors';
import { ListenerRequest } from '#libs/telemetry/health.controller';

const INTERNAL = ['/internal', '/metrics', '/health', '/ready'];
/** Load balancers in front of the public listener ask these; they get no detail there. */
const BOTH = ['/health', '/ready'];
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
/** How often connections are held against their time limits: who sends slowly is cut within this of them. */
const CHECK_MS = 1_000;
const CLOSE_IDLE_EVERY_MS = 100;
const HEADERS_MAX = 100;
/** A call carries who asked, with all that they hold. Unit: bytes. */
const INTERNAL_HEADER_MAX = 65_536;
/** A connection on which nothing moves at all ends so long after the longest request. */
const IDLE_BEYOND_MS = 30_000;

/** The connections of each server on which nothing was asked yet, like those that browsers open ahead. */
const unasked = new WeakMap<Server, Set<Socket>>();

type Side = 'public' | 'internal';
const SIDE = Symbol('chartly:listener');

interface Sided extends IncomingMessage {
  [SIDE]?: Side;
}

/**
 * Refuses whatever does not belong to the listener that a request came through. Deny by default. Judged by the route
 * that the router chose and not by the request's own text: `/%6detrics` and `http://host/metrics` are `/metrics` too.
 */
export function separateListeners(fastify: FastifyInstance): void {
  const sides = new Map<string, Side | 'both'>(); // by route, of which there are as many as were added
  const belongs = (route: string, side: Side): boolean => {
    let where = sides.get(route);
    if (where === undefined) sides.set(route, (where = sideOf(route)));
    return where === side || where === 'both';
  };
  fastify.addHook('onRequest', (request: FastifyRequest, _reply: FastifyReply, done) => {
    const raw: Sided = request.raw;
    const side = raw[SIDE];
    const route = request.routeOptions.url;
    if (side === 'public') (request as ListenerRequest).publicListener = true; // which is a mark of ours
    if (side !== undefined && route !== undefined && belongs(route, side)) return done();
    if (side === 'public' && request.is404) return done(); // no route serves it; the door counts it and refuses it
    const hint = side === 'public' ? ' /openapi.json lists what there is.' : '';
    done(new NotFound('route.unknown', `There is no ${request.method} ${request.url.split('?')[0]}.${hint}`));
  });
}

function sideOf(route: string): Side | 'both' {
  if (under(route, BOTH)) return 'both';
  return under(route, INTERNAL) ? 'internal' : 'public';
}

const under = (path: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));

interface Address {
  readonly host: string;
  readonly port: number;
  /** The variable that changes the port, for the sentence when it is taken. */
  readonly variable: string;
}

interface Listener extends Address {
  readonly side: Side;
  /** Time within which a whole request must have arrived. */
  readonly requestTimeoutMs: number;
}

/** An HTTP server on the application's routes. Throws as {@link listenOn} does. */
export function listen(fastify: FastifyInstance, { side, requestTimeoutMs, ...address }: Listener): Promise<Server> {
  const server = createServer(
    {
      connectionsCheckingInterval: CHECK_MS,
      ...(side === 'internal' ? { maxHeaderSize: INTERNAL_HEADER_MAX } : {}),
    },
    (request: Sided, response) => {
      request[SIDE] = side;
      if (response.socket === null) closeWith(request.socket, response);
      if (!server.listening) response.setHeader('connection', 'close');
      fastify.routing(request, response);
    },
  );
  const silent = new Set<Socket>();
  unasked.set(server, silent);
  server.on('connection', (socket) => silent.add(socket.once('close', () => silent.delete(socket))));
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxHeadersCount = HEADERS_MAX;
  server.setTimeout(requestTimeoutMs + IDLE_BEYOND_MS); // for who reads an answer too slowly
  return listenOn(server, address);
}

/**
 * An answer that waits for those before it on its connection (pipelining) has none yet, and Node does not tell it when the
 * connection is lost: what it holds would be held for ever.
 */
function closeWith(connection: Socket, response: ServerResponse): void {
  const close = (): void => {
    response.destroyed = true;
    response.emit('close');
  };
  connection.setMaxListeners(0); // one for each that waits
  connection.once('close', close);
  response.once('close', () => connection.off('close', close));
  response.once('socket', () => connection.off('close', close)); // from now on Node tells it
}

/** Lets a server listen. Throws Unavailable `port.taken` with one clear sentence when it cannot. */
export async function listenOn(server: Server, { host, port, variable }: Address): Promise<Server> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
    return server;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException; // what a server emits when it cannot listen
    const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`;
    throw new Unavailable('port.taken', `Port ${port} of ${host} ${why}. Free it, or choose another with ${variable}.`);
  }
}

/**
 * Takes no more connections and waits until those that are open have been answered. A client that keeps one in steady
 * use is told with the next answer to close it.
 */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const close = (): void => {
    server.closeIdleConnections(); // to which those that never asked do not belong
    for (const socket of unasked.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
  };
  close();
  const again = setInterval(close, CLOSE_IDLE_EVERY_MS); // those whose request was under way are idle by and by
  await closed.finally(() => clearInterval(again));
}
