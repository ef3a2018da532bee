import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';
import { accessCookie, requireCsrf } from './session-cookies';
import { Principals } from './principals';

const BEARER = /^Bearer +([\x21-\x7e]{1,2000})$/i;

/** What the guard leaves on a request: whether a stale decision will do, and then who calls. */
export interface GuardedRequest extends FastifyRequest {
  staleAllowed?: boolean;
  principal?: Principal;
}

/** The credential of a request: a bearer's, from its header alone, or a page's, from its cookie. One in a URL ends up in logs. */
@Injectable()
export class CredentialStrategy extends PassportStrategy(Strategy, 'credential') {
  constructor(private readonly principals: Principals) {
    super();
  }

  async validate(request: GuardedRequest): Promise<Principal> {
    const { token, isSession } = presentedCredential(request);
    return this.principals.of(token, !isSession && request.staleAllowed === true);
  }
}

/**
 * What a request presents, whoever it stands for. Throws Unauthenticated `auth.missing` or `auth.malformed`, and Forbidden
 * `csrf.missing`.
 */
export function presentedCredential(request: FastifyRequest): { readonly token: string; readonly isSession: boolean } {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    const session = accessCookie(request);
    if (session === undefined) {
      throw new Unauthenticated('auth.missing', 'Send a key in the header: "Authorization: Bearer ck_...".');
    }
    requireCsrf(request);
    return { token: session, isSession: true };
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    throw new Unauthenticated('auth.malformed', 'The Authorization header is not "Bearer" and a key.');
  }
  return { token, isSession: false };
}
