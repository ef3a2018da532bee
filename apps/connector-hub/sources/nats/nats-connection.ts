import { JetStreamApiError } from '@nats-io/jetstream';
import {
  Authenticator,
  connect,
  credsAuthenticator,
  NatsConnection,
  NodeConnectionOptions,
} from '@nats-io/transport-node';
import { NatsAuth, NatsSource } from '#libs/documents/sources/nats';
import { Unprocessable } from '#libs/errors/errors';
import { EgressGuard } from '#libs/egress/egress-guard';
import { authRefusedBy, awayFrom, certifiedFor, PEER_TIMEOUT_MS, peerOf, refusedBy } from '../messages/peer';

const DEFAULT_PORT = 4222;
const WHO = "The source's NATS";

/**
 * A connection to the one checked address: other members of a cluster, which a server tells of, are never gone to. It
 * ends with its first trouble. Throws as `EgressGuard.checkedAddress`, and what {@link natsError} makes of it.
 */
export async function connectNats(guard: EgressGuard, { url, auth }: NatsSource): Promise<NatsConnection> {
  const { name, address, port } = await peerOf(guard, url, DEFAULT_PORT);
  const tls = { handshakeFirst: false, ...certifiedFor(name) }; // handed on to tls.connect
  const options: NodeConnectionOptions = {
    servers: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    tls: new URL(url).protocol === 'tls:' ? tls : null,
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: PEER_TIMEOUT_MS,
    name: 'chartly',
    ...(auth ? asking(auth) : {}),
  };
  try {
    return await connect(options);
  } catch (thrown) {
    throw natsError(thrown);
  }
}

function asking({ user, password, token, creds }: NatsAuth): Partial<NodeConnectionOptions> {
  if (creds !== undefined) return { authenticator: readable(credsAuthenticator(Buffer.from(creds))) };
  return token === undefined ? { user, pass: password } : { token };
}

/** Credentials are read when a server asks, and then as a trouble of the connection. */
function readable(authenticator: Authenticator): Authenticator {
  try {
    authenticator('');
    return authenticator;
  } catch {
    throw new Unprocessable('pull.auth', 'What stands under auth.creds is no credentials file of NATS.');
  }
}

const AUTH_ERRORS = new Set(['AuthorizationError', 'UserAuthenticationExpiredError', 'PermissionViolationError']);

/** JetStream says what is wrong with what was asked; 503 is of a cluster without a leader. */
export function natsError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return awayFrom(WHO, thrown);
  if (AUTH_ERRORS.has(thrown.name)) return authRefusedBy(WHO, thrown);
  if (thrown instanceof JetStreamApiError && thrown.status !== 503) return refusedBy(WHO, thrown);
  return awayFrom(WHO, thrown);
}
