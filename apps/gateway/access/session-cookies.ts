import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { LoggedIn } from '#libs/contracts/auth-users';
import { Forbidden } from '#libs/errors/errors';

/** `__Host-`: of this very host, over TLS alone, for every path (RFC 6265bis §4.1.3.2); no other host can set them. */
const ACCESS = '__Host-chartly-access';
const REFRESH = '__Host-chartly-refresh';
const CSRF = '__Host-chartly-csrf';
/** Of a login at a provider, which comes back from another site: hence Lax. */
const LOGIN = '__Host-chartly-login';
export const CSRF_HEADER = 'x-csrf-token';

const REFRESH_LIFE_S = 30 * 86_400;
const LOGIN_LIFE_S = 600;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The cookies of a request; the first of a name counts. */
export function cookiesOf({ headers }: FastifyRequest): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = pair.slice(0, at).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}

export const accessCookie = (request: FastifyRequest): string | undefined => cookiesOf(request).get(ACCESS);
export const refreshCookie = (request: FastifyRequest): string | undefined => cookiesOf(request).get(REFRESH);
export const loginCookie = (request: FastifyRequest): string | undefined => cookiesOf(request).get(LOGIN);

/** Puts a session into cookies, and gives the token that changing requests must carry in `x-csrf-token`. */
export function setSessionCookies(reply: FastifyReply, { accessToken, refreshToken, expiresIn }: LoggedIn): string {
  const csrf = randomBytes(32).toString('base64url');
  void reply.header('set-cookie', [
    cookie(ACCESS, accessToken, expiresIn),
    cookie(REFRESH, refreshToken, REFRESH_LIFE_S),
    `${CSRF}=${csrf}; Path=/; Secure; SameSite=Strict; Max-Age=${REFRESH_LIFE_S}`, // the page reads it
  ]);
  return csrf;
}

export function clearSessionCookies(reply: FastifyReply): void {
  void reply.header('set-cookie', [cookie(ACCESS, '', 0), cookie(REFRESH, '', 0), cookie(CSRF, '', 0)]);
}

export function setLoginCookie(reply: FastifyReply, browser: string): void {
  void reply.header('set-cookie', cookie(LOGIN, browser, LOGIN_LIFE_S, 'Lax'));
}

/**
 * A browser sends cookies whoever made it ask, so a changing request by cookie must show that a page of ours made it: by
 * the header that only such a page can fill. Throws Forbidden `csrf.missing`.
 */
export function requireCsrf(request: FastifyRequest): void {
  if (SAFE.has(request.method)) return;
  const sent = request.headers[CSRF_HEADER];
  const expected = cookiesOf(request).get(CSRF) ?? '';
  const [given, wanted] = [Buffer.from(typeof sent === 'string' ? sent : ''), Buffer.from(expected)];
  if (wanted.length > 0 && given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new Forbidden(
    'csrf.missing',
    `A changing request by cookie takes the header "${CSRF_HEADER}" with the value of the cookie "${CSRF}".`,
  );
}

const cookie = (name: string, value: string, maxAgeS: number, sameSite = 'Strict'): string =>
  `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${sameSite}; Max-Age=${maxAgeS}`;
