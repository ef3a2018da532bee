import { HttpPull } from '#libs/documents/sources/http';
import { ApiServer, ids, MovedClock, openReader, pull, RETRY, SourceLike, sourceOf } from './http-reader.testing';

describe('the http source', () => {
  let api: ApiServer;

  beforeEach(async () => void (api = await ApiServer.start()));
  afterEach(() => api.stop());

  const source = (more?: SourceLike): HttpPull => sourceOf(api, more);
  const read = (more?: SourceLike) => pull(openReader(), source(more));

  describe('conditional requests', () => {
    it('ask whether a whole answer changed, by ETag and by date', async () => {
      api.reply = ({ headers }, response) => {
        if (headers['if-none-match'] === '"v1"' && headers['if-modified-since'] !== undefined) {
          return response.writeHead(304).end();
        }
        const validators = { etag: '"v1"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' };
        return response.writeHead(200, validators).end('[{"id":1}]');
      };
      const reader = openReader();
      const first = await pull(reader, source());
      const second = await pull(reader, source(), first.state);
      expect(second).toMatchObject({ pages: [], end: { done: true } });
      await pull(reader, source({ http: { conditional: false } }), first.state);
      expect(api.heard[2]?.headers['if-none-match']).toBe('"v1"');
      await pull(reader, source({ http: { query: { other: 1 } } }), first.state);
      expect(api.heard[3]?.headers['if-none-match']).toBeUndefined();
    });

    it('are not made of the first of several pages: it may stay while others come behind it', async () => {
      let total = 15;
      api.reply = ({ url, headers }, response) => {
        const at = Number(url.searchParams.get('offset'));
        const etag = `"${at}-${Math.min(total, at + 10)}"`;
        if (headers['if-none-match'] === etag) return response.writeHead(304).end();
        return response.writeHead(200, { etag }).end(JSON.stringify(ids(at, Math.min(total, at + 10))));
      };
      const paged = source({ paginate: { offset: { param: 'offset', size: { value: 10 } } } });
      const first = await pull(openReader(), paged);
      total = 18;
      expect((await pull(openReader(), paged, first.state)).records).toEqual(ids(0, 18));
    });
  });

  describe('who asks', () => {
    it.each([
      [{ basic: { username: 'ann', password: 'p:w' } }, { authorization: 'Basic YW5uOnA6dw==' }],
      [{ bearer: { token: 't1' } }, { authorization: 'Bearer t1' }],
      [{ apiKey: { header: 'X-Key', value: 'k' } }, { 'x-key': 'k' }],
      [{ headers: { 'dd-api-key': 'a', 'dd-app-key': 'b' } }, { 'dd-api-key': 'a', 'dd-app-key': 'b' }],
    ])('is told by %j', async (auth, expected) => {
      await read({ http: { auth } });
      expect(api.heard[0]?.headers).toMatchObject(expected);
    });

    it('is told by a key in the query, which stays out of what is kept', async () => {
      api.reply = (_heard, response) => response.writeHead(200, { etag: '"1"' }).end('[{"id":1}]');
      const { state } = await read({ http: { auth: { apiKey: { query: 'key', value: 's3cret' } } } });
      expect(api.paths).toEqual(['/items?key=s3cret']);
      expect(JSON.stringify(state)).not.toContain('s3cret');
    });

    it('is told by that key on every page, also where the server repeats it in the next URL', async () => {
      api.json(({ url }, count) => ({ items: [{ id: count }], next: count < 3 ? `${url.href}&at=${count}` : null }));
      const { pages, records } = await read({
        http: { records: '$.items[*]', auth: { apiKey: { query: 'key', value: 's3cret' } } },
        paginate: { nextUrl: { path: '$.next' } },
      });
      expect(records).toHaveLength(3);
      expect(api.heard.map(({ url }) => url.searchParams.get('key'))).toEqual(['s3cret', 's3cret', 's3cret']);
      expect(JSON.stringify(pages.map(({ state }) => state))).not.toContain('s3cret');
    });

    it('is not told to another host that a page names as the next one', async () => {
      const other = await ApiServer.start();
      other.json(() => ({ items: [{ id: 2 }] }));
      api.json(() => ({ items: [{ id: 1 }], next: `${other.origin}/steal` }));
      const { records } = await read({
        http: { records: '$.items[*]', headers: { 'x-own': 'mine' }, auth: { bearer: { token: 't' } } },
        paginate: { nextUrl: { path: '$.next' } },
      });
      expect(records).toHaveLength(2);
      expect(api.heard[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'x-own': 'mine' });
      expect(other.heard[0]?.headers).not.toHaveProperty('authorization');
      expect(other.heard[0]?.headers).not.toHaveProperty('x-own');
      await other.stop();
    });

    describe('by OAuth 2.0 client credentials', () => {
      const oauth2 = () => ({
        tokenUrl: `${api.origin}/token`,
        clientId: 'me&co',
        clientSecret: 's/1',
        scope: 'read',
        params: { audience: 'api' },
      });
      let issued: number;
      let lifetime: number | undefined;
      let valid: string | undefined;

      beforeEach(() => {
        issued = 0;
        lifetime = 3_600;
        valid = undefined;
        api.reply = ({ url, headers }, response) => {
          if (url.pathname === '/token') {
            issued += 1;
            return response.end(
              JSON.stringify({ access_token: `t${issued}`, token_type: 'Bearer', expires_in: lifetime }),
            );
          }
          const ok = valid === undefined || headers.authorization === `Bearer ${valid}`;
          return response.writeHead(ok ? 200 : 401).end('[]');
        };
      });

      it('asks for a token once and uses it while it lasts (RFC 6749 §4.4)', async () => {
        const clock = new MovedClock();
        const reader = openReader(clock);
        for (let at = 0; at < 3; at += 1) await pull(reader, source({ http: { auth: { oauth2: oauth2() } } }));
        expect(issued).toBe(1);
        const [token, first] = api.heard;
        expect(token).toMatchObject({
          method: 'POST',
          body: 'grant_type=client_credentials&scope=read&audience=api',
        });
        expect(token?.headers.authorization).toBe(`Basic ${Buffer.from('me%26co:s%2F1').toString('base64')}`);
        expect(first?.headers.authorization).toBe('Bearer t1');
        clock.aheadMs = 3_500_000;
        await pull(reader, source({ http: { auth: { oauth2: oauth2() } } }));
        expect(issued).toBe(2);
      });

      it('tells the client in the body where the server wants that', async () => {
        await read({ http: { auth: { oauth2: { ...oauth2(), clientAuth: 'body' } } } });
        expect(new URLSearchParams(api.heard[0]?.body).get('client_secret')).toBe('s/1');
        expect(api.heard[0]?.headers).not.toHaveProperty('authorization');
      });

      it('asks for another token once when one is refused before its time', async () => {
        const reader = openReader();
        const authed = source({ http: { auth: { oauth2: oauth2() } } });
        await pull(reader, authed);
        valid = 't2';
        await pull(reader, authed);
        expect(issued).toBe(2);
        valid = 'none';
        await expect(pull(reader, authed)).rejects.toMatchObject({ code: 'pull.auth' });
        expect(issued).toBe(3);
      });

      it('says what the token server said, and never the secret', async () => {
        api.reply = (_heard, response) =>
          response.writeHead(401).end(JSON.stringify({ error: 'invalid_client', error_description: 's/1' }));
        const failed = read({ http: { auth: { oauth2: oauth2() } } });
        await expect(failed).rejects.toMatchObject({ code: 'pull.auth' });
        await expect(failed).rejects.toThrow(/invalid_client/);
        await expect(failed).rejects.not.toThrow(/s\/1/);
      });

      it('tries a token server that is away again', async () => {
        const ok = api.reply;
        api.reply = (heard, response, count) =>
          count === 1 ? response.writeHead(502).end() : ok(heard, response, count);
        expect((await read({ http: { auth: { oauth2: oauth2() } } })).end).toEqual({ done: true });
      });
    });
  });

  describe('limits', () => {
    it('tries again what may pass, and gives up after so many failures in a row', async () => {
      api.reply = (_heard, response, count) => response.writeHead(count === 3 ? 200 : 500).end('[{"id":1}]');
      expect((await read()).records).toEqual([{ id: 1 }]);
      api.reply = (_heard, response) => response.writeHead(500).end();
      await expect(read()).rejects.toMatchObject({ code: 'pull.failed' });
      expect(api.heard).toHaveLength(6);
    });

    it.each([
      [400, 'pull.refused'],
      [404, 'pull.refused'],
      [401, 'pull.auth'],
      [403, 'pull.auth'],
    ])('does not try an answer of %d again: %s', async (status, code) => {
      api.reply = (_heard, response) => response.writeHead(status).end();
      await expect(read()).rejects.toMatchObject({ code });
      expect(api.heard).toHaveLength(1);
    });

    it('waits as long as a throttling source asks, in seconds or until a date, and counts no failure', async () => {
      for (const retryAfter of ['30', new Date(Date.now() + 31_000).toUTCString()]) {
        api.reply = (_heard, response) => response.writeHead(429, { 'retry-after': retryAfter }).end();
        const { end } = await read();
        expect(end.done).toBe(false);
        expect(end.done ? 0 : end.waitMs).toBeGreaterThan(25_000);
      }
    });

    it('keeps to its budget of requests', async () => {
      api.json((_heard, count) => (count > 3 ? [] : [{ id: count }]));
      const reader = openReader();
      const paced = source({
        paginate: { page: { param: 'p' } },
        limits: { rate: '1/s', retry: RETRY },
      });
      const { end, pages } = await pull(reader, paced, {}, { sliceMs: 500 });
      expect(pages).toHaveLength(1);
      expect(end.done ? 0 : end.waitMs).toBeGreaterThan(400);
    });

    it('spares a host that fails, whichever pipeline asks, and tries it again after a rest', async () => {
      const clock = new MovedClock();
      const reader = openReader(clock);
      api.reply = (_heard, response) => response.writeHead(500).end();
      for (const pipeline of ['a', 'b']) await pull(reader, source(), {}, { pipeline }).catch(() => undefined);
      expect(api.heard).toHaveLength(5);
      const { end } = await pull(reader, source(), {}, { pipeline: 'c' });
      expect(end.done ? 0 : end.waitMs).toBeGreaterThan(20_000);
      expect(api.heard).toHaveLength(5);
      clock.aheadMs = 31_000;
      api.json(() => [{ id: 1 }]);
      expect((await pull(reader, source(), {}, { pipeline: 'c' })).records).toEqual([{ id: 1 }]);
    });
  });
});
