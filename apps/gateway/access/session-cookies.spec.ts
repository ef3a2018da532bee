import type { FastifyReply, FastifyRequest } from 'fastify';
import { accessCookie, clearSessionCookies, cookiesOf, requireCsrf, setSessionCookies } from './session-cookies';

const requestWith = (method: string, headers: Record<string, string>): FastifyRequest =>
  ({ method, headers }) as unknown as FastifyRequest; // all that is read of one

class Reply {
  cookies: string[] = [];
  header(_: string, value: string[]): this {
    this.cookies = value;
    return this;
  }
}

const session = { accessToken: 'a', refreshToken: 'r', expiresIn: 300, sessionId: 's', user: 'ada' };

describe('a session in cookies', () => {
  it('is of this host alone, over TLS alone, and never sent for another site', () => {
    const reply = new Reply();
    const csrf = setSessionCookies(reply as unknown as FastifyReply, session);
    expect(reply.cookies).toHaveLength(3);
    for (const one of reply.cookies)
      expect(one).toMatch(/^__Host-chartly-\w+=[^;]+; Path=\/; Secure; .*SameSite=Strict/);
    expect(reply.cookies.filter((one) => one.includes('HttpOnly'))).toHaveLength(2);
    expect(reply.cookies[2]).toContain(csrf);
    expect(reply.cookies.join()).not.toContain('Domain');
    clearSessionCookies(reply as unknown as FastifyReply);
    for (const one of reply.cookies) expect(one).toMatch(/=; .*Max-Age=0/);
  });

  it('reads the first cookie of a name', () => {
    const request = requestWith('GET', { cookie: 'a=1; __Host-chartly-access=one; __Host-chartly-access=two; b' });
    expect(accessCookie(request)).toBe('one');
    expect(cookiesOf(requestWith('GET', {})).size).toBe(0);
  });

  it('lets nobody change anything who cannot read the cookie of the token', () => {
    const cookie = '__Host-chartly-csrf=token';
    const forged: Record<string, string>[] = [
      { cookie },
      { cookie, 'x-csrf-token': 'tokem' },
      { cookie, 'x-csrf-token': '' },
      { 'x-csrf-token': '' },
    ];
    for (const headers of forged) {
      expect(() => requireCsrf(requestWith('POST', headers))).toThrow(/x-csrf-token/);
    }
    expect(() => requireCsrf(requestWith('DELETE', { cookie, 'x-csrf-token': 'token' }))).not.toThrow();
    expect(() => requireCsrf(requestWith('GET', { cookie }))).not.toThrow();
  });
});
