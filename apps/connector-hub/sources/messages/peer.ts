import { isIP } from 'node:net';
import { ChartlyError, Unavailable, Unprocessable } from '#libs/errors/errors';
import { EgressGuard } from '#libs/egress/egress-guard';

/** How long a peer may take to connect, and to answer one command. */
export const PEER_TIMEOUT_MS = 10_000;

export interface Peer {
  /** As it was written, for certificates. */
  readonly name: string;
  /** The checked address: what is connected to. */
  readonly address: string;
  readonly port: number;
}

/** Where a URL leads to, once its addresses were checked. Throws as `EgressGuard.checkedAddress`. */
export async function peerOf(guard: EgressGuard, url: string, defaultPort: number): Promise<Peer> {
  const { hostname, port } = new URL(url);
  const at = Number(port === '' ? defaultPort : port);
  const name = hostname.replace(/^\[(.*)\]$/, '$1');
  return { name, address: await guard.checkedAddress(hostname, at), port: at };
}

/** For what a certificate must be, as `tls.connect` takes it: the peer's name, or its address when it has no name. */
export const certifiedFor = (name: string): { servername: string } | { host: string } =>
  isIP(name) === 0 ? { servername: name } : { host: name };

/** A peer that says no stays at it until somebody changes something; one that is away may come back. */
export const refusedBy = (peer: string, thrown: Error): Unprocessable =>
  new Unprocessable('pull.refused', `${peer} refused: ${thrown.message}`, { cause: thrown });
export const authRefusedBy = (peer: string, thrown: Error): Unprocessable =>
  new Unprocessable('pull.auth', `${peer} refused who asks: ${thrown.message}`, { cause: thrown });
export const awayFrom = (peer: string, thrown: unknown): Error => {
  if (thrown instanceof ChartlyError) return thrown;
  const reason = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return new Unavailable('pull.failed', `${peer} did not answer: ${reason}.`, { cause: thrown });
};
