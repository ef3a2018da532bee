import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { makeCertificates } from '#libs/testing/certificates';
import { describeWithTool } from '#libs/testing/tools';
import { AllowList } from './allow-list';
import { DnsServer } from './dns-server.testing';
import { EgressGuard, EgressRequest, Resolve } from './egress-guard';
import { BodyLimits, DEFAULT_LIMITS } from './read-body';

const MIB = 2 ** 20;

/** Servers that a connector may meet, each real and on this machine. */
describe('the egress guard and what answers it', () => {
  let server: Server;
  let port: number;
  let answer: RequestListener;
  const hosts: (string | undefined)[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      hosts.push(request.headers.host);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo); // it listens on a port
  });
  beforeEach(() => void hosts.splice(0));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const here: Resolve = async () => Promise.resolve(['127.0.0.1']);
  const guard = (limits: Partial<BodyLimits> = {}, resolve: Resolve = here): EgressGuard =>
    new EgressGuard(AllowList.parse([`127.0.0.1:${port}`]), { ...DEFAULT_LIMITS, ...limits }, resolve);
  const fetch = (asked?: EgressRequest, limits?: Partial<BodyLimits>) =>
    guard(limits).fetch(`http://api.example:${port}/`, asked);

  describe('rule 24', () => {
    it('asks DNS once and connects to what it checked, though the next answer leads inside', async () => {
      answer = (_request, response) => response.end('checked');
      const dns = await DnsServer.start('127.0.0.1', '10.0.0.1');
      const { body } = await guard({}, dns.resolve).fetch(`http://rebinding.example:${port}/`);
      expect([body.toString(), dns.questions, hosts]).toEqual(['checked', 1, [`rebinding.example:${port}`]]);
      await dns.stop();
    });

    it('checks the answer for each redirect anew', async () => {
      answer = (_request, response) => response.writeHead(302, { location: '/again' }).end();
      const dns = await DnsServer.start('127.0.0.1', '169.254.169.254');
      await expect(guard({}, dns.resolve).fetch(`http://rebinding.example:${port}/`)).rejects.toMatchObject({
        code: 'egress.refused',
      });
      expect([dns.questions, hosts.length]).toEqual([2, 1]);
      await dns.stop();
    });

    it.each([
      'http://[::1]/',
      'http://2130706433/',
      'http://localhost./',
      'file:///etc/passwd',
      'gopher://x/',
      'http://u:p@api.example/',
      'https:///',
      '//[::ffff:7f00:1]/',
    ])('follows no redirect to %s', async (location) => {
      answer = (_request, response) => response.writeHead(302, { location }).end();
      await expect(fetch()).rejects.toMatchObject({ code: expect.stringMatching(/^egress\.(url|refused)$/) as string });
    });
  });

  describeWithTool('openssl', 'TLS', () => {
    it('is spoken with no server whose certificate is by nobody who is trusted', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'chartly-egress-'));
      const { certFile, keyFile } = (await makeCertificates(folder)).stranger;
      const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
      await rm(folder, { recursive: true, force: true });
      const secured = createTlsServer({ cert, key }, (_request, response) => response.end('heard'));
      await new Promise<void>((resolve) => secured.listen(0, '127.0.0.1', resolve));
      const { port: at } = secured.address() as AddressInfo; // it listens on a port
      const open = new EgressGuard(AllowList.parse([`127.0.0.1:${at}`]), DEFAULT_LIMITS, here);
      await expect(open.fetch(`https://127.0.0.1:${at}/`)).rejects.toMatchObject({
        code: 'egress.failed',
        message: expect.stringContaining('self-signed certificate') as string,
      });
      await new Promise((resolve) => secured.close(resolve));
    });
  });

  describe('redirects', () => {
    const elsewhere: RequestListener = (request, response) => {
      if (request.headers.host?.startsWith('other.')) return response.end(JSON.stringify(request.headers));
      return response.writeHead(307, { location: `http://other.example:${port}/` }).end();
    };

    it('to another origin carry no credentials, whatever their headers are called', async () => {
      answer = elsewhere;
      const { body } = await fetch({
        headers: { 'x-trace': '1', Authorization: 'Bearer a', Cookie: 'b' },
        credentials: { 'X-Shop-Token': 'secret' },
      });
      const seen = JSON.parse(body.toString()) as Record<string, string>; // the server's own answer
      expect(seen['x-trace']).toBe('1');
      expect(Object.keys(seen)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(x-shop-token|authorization|cookie)$/)]),
      );
    });

    it('to another origin carry no body, which may hold credentials', async () => {
      answer = elsewhere;
      await expect(fetch({ method: 'POST', body: 'client_secret=x' })).rejects.toMatchObject({
        code: 'egress.redirects',
      });
    });

    it('after a POST become a GET, unless they say otherwise (RFC 9110 §15.4)', async () => {
      for (const [status, method] of [
        [303, 'GET'],
        [302, 'GET'],
        [307, 'POST'],
      ] as const) {
        answer = (request, response) => {
          if (request.url === '/there') return response.end(request.method);
          return response.writeHead(status, { location: '/there' }).end();
        };
        expect((await fetch({ method: 'POST', body: 'x' })).body.toString()).toBe(method);
      }
    });
  });

  describe('rule 25', () => {
    const bomb = Buffer.alloc(20 * MIB);

    it.each([
      ['gzip', gzipSync(bomb)],
      ['br', brotliCompressSync(bomb)],
      ['zstd', zstdOfZeros(40)],
    ])('stops a bomb of %s', async (encoding, body) => {
      answer = (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body);
      await expect(fetch()).rejects.toMatchObject({ code: 'egress.too_large' });
    });

    it('stops a body that is announced too long, and one that goes on for ever', async () => {
      answer = (_request, response) => response.writeHead(200, { 'content-length': 11 * MIB }).write('x');
      await expect(fetch()).rejects.toMatchObject({ code: 'egress.too_large' });
      answer = (_request, response) => {
        const more = (): void =>
          void (response.write(Buffer.alloc(MIB)) ? setImmediate(more) : response.once('drain', more));
        more();
      };
      await expect(fetch()).rejects.toMatchObject({ code: 'egress.too_large' });
    });

    it('takes smaller limits from the operator', async () => {
      answer = (_request, response) => response.end(Buffer.alloc(2_000));
      await expect(fetch({}, { wireMax: 1_000 })).rejects.toMatchObject({ code: 'egress.too_large' });
      answer = (_request, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(2_000)));
      await expect(fetch({}, { decodedMax: 1_000 })).rejects.toMatchObject({ code: 'egress.too_large' });
    });

    it.each([
      ['says nothing', () => undefined],
      ['sends a byte now and then', dripping],
    ])('does not wait for one that %s', async (_, listener) => {
      answer = listener;
      await expect(fetch({}, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'egress.timeout' });
    });

    it('stops at once when nobody waits any more', async () => {
      answer = () => undefined;
      const abort = new AbortController();
      const asked = fetch({ signal: abort.signal });
      abort.abort();
      await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    });

    it('leaves nothing behind of a name that cannot be resolved, for one who had hung up already', async () => {
      const unhandled: unknown[] = [];
      const listen = (reason: unknown): void => void unhandled.push(reason);
      process.on('unhandledRejection', listen);
      const nowhere: Resolve = async () => Promise.reject(new Error('ENOTFOUND'));
      const asked = guard({}, nowhere).fetch('http://nowhere.invalid/', { signal: AbortSignal.abort() });
      await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', listen);
      expect(unhandled).toEqual([]);
    });

    it.each(['gzip', 'br', 'zstd'])('refuses what is not %s though it says so', async (encoding) => {
      answer = (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end('plainly not');
      await expect(fetch()).rejects.toMatchObject({ code: 'egress.undecodable' });
    });
  });
});

/** Never ends by itself, and is never silent for long. */
function dripping(...[, response]: Parameters<RequestListener>): void {
  const drip = setInterval(() => response.write('x'), 20);
  response.once('close', () => clearInterval(drip));
}

/** So many MiB of zeros as one zstd frame (RFC 8878): blocks of 128 KiB that repeat one byte. */
function zstdOfZeros(mebibytes: number): Buffer {
  const blocks = Array.from({ length: mebibytes * 8 }, (_, at) => {
    const block = Buffer.alloc(4);
    block.writeUIntLE(((128 * 1_024) << 3) | 2 | (at === mebibytes * 8 - 1 ? 1 : 0), 0, 3);
    return block;
  });
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), ...blocks]);
}
