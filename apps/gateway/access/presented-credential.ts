import type { FastifyRequest } from 'fastify';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';
import { accessCookie } from './session-cookies';

const BEARER = /^Bearer +([\x21-\x7e]{1,2000})$/i;

/** A request whose sender is known once it was let in. */
export interface GuardedRequest extends FastifyRequest {
  principal?: Principal;
}

/**
 * What a request presents, whoever it stands for: a bearer's credential, from its header alone, or a page's, from its
 * cookie. One in a URL ends up in logs. Throws Unauthenticated `auth.missing` or `auth.malformed`.
 */
export function presentedCredential(request: FastifyRequest): { readonly token: string; readonly isSession: boolean } {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    const session = accessCookie(request);
    if (session === undefined) {
      throw new Unauthenticated('auth.missing', 'Send a key in the header: "Authorization: Bearer ck_...".');
    }
    return { token: session, isSession: true };
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    throw new Unauthenticated('auth.malformed', 'The Authorization header is not "Bearer" and a key.');
  }
  return { token, isSession: false };
}
