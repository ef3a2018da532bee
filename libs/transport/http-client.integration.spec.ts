import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WireMethod } from '#libs/contracts/contract';
import { encode, WIRE_CONTENT_TYPE } from './codec';
import { HttpServiceClient } from './http-client';
import { TokenSigner } from './service-token';

class Nothing {}
/** Not to be sent twice, so that each call is one request at most. */
const ONCE: WireMethod = { takes: Nothing, gives: Nothing, timeoutMs: 300, idempotent: false };
const HALF_OPEN_MS = 1_000;

describe('a service that answers nonsense', () => {
  let peer: Server;
  let asked: number;
  let isWell: boolean;
  let client: HttpServiceClient;
  let now: number;

  beforeEach(async () => {
    [asked, isWell, now] = [0, false, Date.now()];
    jest.spyOn(Date, 'now').mockImplementation(() => now); // the breaker goes by it
    peer = createServer((request, response) => {
      asked += 1;
      request.resume();
      if (isWell) response.writeHead(200, { 'content-type': WIRE_CONTENT_TYPE }).end(encode({ well: true }));
      else response.writeHead(500, { 'content-type': 'text/html' }).end('a proxy without a service');
    }).listen(0, '127.0.0.1');
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo; // it listens on TCP
    const signer = { tokenFor: () => 'token' } as unknown as TokenSigner; // the peer asks for none
    client = new HttpServiceClient('storage', `http://127.0.0.1:${port}`, signer);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await client.close();
    peer.close();
  });

  const call = (): Promise<unknown> => client.call('anything', ONCE, {});
  const refused = { code: 'service.unavailable' };

  it('is left alone after five of them, and asked by one call at a time until it is well', async () => {
    for (let at = 0; at < 5; at += 1) await expect(call()).rejects.toMatchObject(refused);
    expect(asked).toBe(5);
    await expect(call()).rejects.toMatchObject(refused); // open
    expect(asked).toBe(5);
    now += HALF_OPEN_MS;
    await expect(call()).rejects.toMatchObject(refused); // half open: one is tried, and it opens again
    expect(asked).toBe(6);
    await expect(call()).rejects.toMatchObject(refused);
    expect(asked).toBe(6);
    [isWell, now] = [true, now + HALF_OPEN_MS];
    expect(await call()).toEqual({ well: true });
    expect(await call()).toEqual({ well: true }); // closed
    expect(asked).toBe(8);
  });
});
