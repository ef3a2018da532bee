import type { FastifyReply } from 'fastify';
import { randomBytes } from 'node:crypto';

/** A page of ours, which runs script and style by their nonce alone and may `connect` to this origin or to nobody. */
export function sendPage(reply: FastifyReply, connect: "'self'" | "'none'", page: (nonce: string) => string): void {
  const nonce = randomBytes(16).toString('base64');
  void reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header(
      'content-security-policy',
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src ${connect}; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
    )
    .send(page(nonce));
}
