import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsInt, IsString } from 'class-validator';
import { generateKeyPairSync } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { AddressInfo, connect } from 'node:net';
import { freePort } from '#libs/net/free-port';
import { ChartlyConfig } from '#libs/config/config';
import { ConfigModule } from '#libs/config/config.module';
import { loadConfig } from '#libs/config/load';
import { Contract } from '#libs/contracts/contract';
import { Principal } from '#libs/contracts/principal';
import * as errors from '#libs/errors/errors';
import { CallContext, currentCall, withCall } from './call-context';
import { encode, WIRE_CONTENT_TYPE } from './codec';
import { serve } from './serve';
import { TokenSigner } from './service-token';
import { TransportModule } from './transport.module';

const ANNA: Principal = { kind: 'key', id: 'k1', name: 'Änna', grants: [{ role: 'viewer', project: 'default' }] };

class Ask {
  @IsString() what: string;
  @IsInt() count: number;
}
class Reply {
  @IsString() said: string;
  context?: Pick<CallContext, 'principal' | 'requestId' | 'traceparent'>;
  leftMs?: number;
  columns?: readonly unknown[];
}

@Contract('storage', {
  answer: { takes: Ask, gives: Reply, idempotent: true, timeoutMs: 20_000 },
  once: { takes: Ask, gives: Reply, idempotent: false, timeoutMs: 20_000 },
  hang: { takes: Ask, gives: Reply, idempotent: true, timeoutMs: 200 },
  fail: { takes: Ask, gives: Reply, idempotent: true, timeoutMs: 20_000 },
  count: { takes: Ask, streams: Reply, idempotent: true, timeoutMs: 20_000 },
  stall: { takes: Ask, streams: Reply, idempotent: true, timeoutMs: 200 },
  kept: { takes: Ask, gives: Reply, idempotent: true, timeoutMs: 200, callers: ['analytics'] },
})
abstract class SampleContract {
  abstract answer(ask: Ask): Promise<Reply>;
  abstract once(ask: Ask): Promise<Reply>;
  abstract hang(ask: Ask): Promise<Reply>;
  abstract fail(ask: Ask): Promise<Reply>;
  abstract count(ask: Ask): AsyncIterable<Reply>;
  abstract stall(ask: Ask): AsyncIterable<Reply>;
  abstract kept(ask: Ask): Promise<Reply>;
}

/** What the service saw, for tests that wait for it. */
const seen = new EventEmitter();
let produced = 0;

const COLUMNS = [
  new BigInt64Array([1n, -(2n ** 63n)]),
  new Float64Array([1.5, -0]),
  new Uint8Array([0, 255]),
  new Date(0),
  { nested: ['🌋', null, undefined, 2n ** 60n] },
];

@Injectable()
class SampleService implements SampleContract {
  async answer({ what }: Ask): Promise<Reply> {
    const { principal, requestId, traceparent, deadline } = currentCall();
    const leftMs = (deadline ?? Number.NaN) - Date.now();
    return { said: what, context: { principal, requestId, traceparent }, leftMs, columns: COLUMNS };
  }

  async once(ask: Ask): Promise<Reply> {
    return this.answer(ask);
  }

  hang(): Promise<Reply> {
    const { signal } = currentCall();
    signal?.addEventListener('abort', () => seen.emit('aborted'));
    seen.emit('hanging');
    return new Promise(() => undefined);
  }

  async fail({ what }: Ask): Promise<Reply> {
    const thrown: unknown = Reflect.get(errors, what);
    if (typeof thrown !== 'function') throw new TypeError('the secret inside');
    throw Reflect.construct(thrown, [`sample.${what}`, 'A sentence.', { retryAfterMs: 5, fields: [] }]) as Error;
  }

  kept(ask: Ask): Promise<Reply> {
    return this.answer(ask);
  }

  async *count({ what, count }: Ask): AsyncIterable<Reply> {
    try {
      for (let at = 0; at < count; at += 1) {
        produced += 1;
        yield { said: `${what} ${at} ${currentCall().principal.name}` };
      }
      if (what === 'break') throw new errors.Conflict('sample.break', 'It broke.');
    } finally {
      seen.emit('closed');
    }
  }

  async *stall({ what }: Ask): AsyncIterable<Reply> {
    yield { said: what };
    await new Promise(() => undefined);
  }
}

@Module({ providers: serve(SampleContract, SampleService) })
class SampleModule {}

const keys = generateKeyPairSync('ed25519');
const callerKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const callerPublic = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

const splitConfig = (role: string, storageUrl: string): ChartlyConfig =>
  Object.assign(new ChartlyConfig(), {
    role: [role],
    storageUrl,
    servicePrivateKey: callerKey,
    servicePublicKeys: { orchestrator: [callerPublic], 'connector-hub': [callerPublic] },
  });

async function boot(config: ChartlyConfig, modules: (typeof SampleModule)[]): Promise<NestFastifyApplication> {
  @Module({ imports: [ConfigModule.forRoot(config), TransportModule.forRoot([SampleContract], config), ...modules] })
  class Root {}
  const adapter = new FastifyAdapter({ forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(Root, adapter, { logger: false, abortOnError: false });
  await app.init();
  return app;
}

async function listening(app: NestFastifyApplication, port = 0): Promise<number> {
  await app.listen(port, '127.0.0.1');
  return (app.getHttpServer().address() as AddressInfo).port;
}

const ask = (what = 'hello', count = 1): Ask => Object.assign(new Ask(), { what, count });
const asAnna = <T>(work: () => T, more: Partial<CallContext> = {}): T =>
  withCall({ principal: ANNA, requestId: 'r-1', ...more }, work);

async function all(items: AsyncIterable<Reply>): Promise<string[]> {
  const said: string[] = [];
  for await (const item of items) said.push(item.said);
  return said;
}

describe.each(['in one process', 'over HTTP'])('a contract %s', (how) => {
  const apps: NestFastifyApplication[] = [];
  let sample: SampleContract;

  beforeAll(async () => {
    if (how === 'in one process') {
      apps.push(await boot(loadConfig({}), [SampleModule]));
    } else {
      const host = await boot(splitConfig('storage', ''), [SampleModule]);
      const port = await listening(host);
      apps.push(await boot(splitConfig('orchestrator', `http://127.0.0.1:${port}`), []), host);
    }
    sample = apps[0]!.get(SampleContract);
  });
  afterAll(async () => {
    for (const app of apps) await app.close();
  });

  it('gives the answer with every kind of value as it was', async () => {
    const { said, columns } = await asAnna(() => sample.answer(ask('grüße')));
    expect(said).toBe('grüße');
    expect(columns).toEqual(COLUMNS);
  });

  it('carries who asks, the request and the trace', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { context } = await asAnna(() => sample.answer(ask()), { traceparent });
    expect(context).toEqual({ principal: ANNA, requestId: 'r-1', traceparent });
  });

  it('gives the service the nearer of the two deadlines', async () => {
    const own = await asAnna(() => sample.answer(ask()));
    expect(own.leftMs).toBeLessThanOrEqual(20_000);
    const near = await asAnna(() => sample.answer(ask()), { deadline: Date.now() + 5_000 });
    expect(near.leftMs).toBeLessThanOrEqual(5_000);
  });

  it.each(Object.keys(errors).filter((name) => name !== 'ChartlyError'))('throws %s as itself', async (name) => {
    const thrown = await asAnna(() => sample.fail(ask(name))).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Reflect.get(errors, name));
    expect(thrown).toMatchObject({
      code: `sample.${name}`,
      message: 'A sentence.',
      details: { retryAfterMs: 5, fields: [] },
    });
  });

  it('keeps to itself what broke inside', async () => {
    const thrown = await asAnna(() => sample.fail(ask('nothing'))).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(errors.Internal);
    expect(String(thrown)).not.toContain('secret');
  });

  it('ends a call at its deadline, for the caller and for the service', async () => {
    const aborted = once(seen, 'aborted');
    await expect(asAnna(() => sample.hang(ask()))).rejects.toBeInstanceOf(errors.DeadlineExceeded);
    await aborted;
  });

  it("ends a call at the caller's nearer deadline", async () => {
    const call = asAnna(() => sample.hang(ask()), { deadline: Date.now() + 50 });
    await expect(call).rejects.toMatchObject({ code: 'service.deadline' });
    await expect(asAnna(() => sample.answer(ask()), { deadline: Date.now() - 1 })).rejects.toBeInstanceOf(
      errors.DeadlineExceeded,
    );
  });

  it('ends a call when its caller hangs up, for the service too', async () => {
    const caller = new AbortController();
    const [hanging, aborted] = [once(seen, 'hanging'), once(seen, 'aborted')];
    const call = asAnna(() => sample.hang(ask()), { signal: caller.signal }).catch((error: unknown) => error);
    await hanging;
    caller.abort();
    expect(await call).toBeInstanceOf(errors.DeadlineExceeded);
    await aborted;
  });

  it('streams every item in order, as the one who asked', async () => {
    const said = await all(asAnna(() => sample.count(ask('item', 1_000))));
    expect(said).toHaveLength(1_000);
    expect(said[999]).toBe('item 999 Änna');
  });

  it('gives what was streamed and then the error of a stream that breaks', async () => {
    const said: string[] = [];
    const read = async (): Promise<void> => {
      for await (const item of asAnna(() => sample.count(ask('break', 3)))) said.push(item.said);
    };
    await expect(read()).rejects.toBeInstanceOf(errors.Conflict);
    expect(said).toHaveLength(3);
  });

  it('ends a stream at its source when its reader stops, having produced little ahead', async () => {
    const MANY = 10_000_000;
    produced = 0;
    const closed = once(seen, 'closed');
    for await (const item of asAnna(() => sample.count(ask('x'.repeat(1_000), MANY)))) {
      expect(item.said).toContain('x');
      break;
    }
    await closed;
    expect(produced).toBeLessThan(100_000);
  });

  it('ends a stream whose caller hangs up', async () => {
    const caller = new AbortController();
    const closed = once(seen, 'closed');
    const read = async (): Promise<void> => {
      for await (const item of asAnna(() => sample.count(ask('x', 10_000_000)), { signal: caller.signal })) {
        if (item) caller.abort();
      }
    };
    await expect(read()).rejects.toBeInstanceOf(errors.DeadlineExceeded);
    await closed;
  });

  it('ends a stream whose next item does not come in time', async () => {
    await expect(all(asAnna(() => sample.stall(ask())))).rejects.toBeInstanceOf(errors.DeadlineExceeded);
  });
});

describe('what a service refuses', () => {
  let host: NestFastifyApplication;
  let url: string;
  const signer = new TokenSigner('orchestrator', callerKey);

  beforeAll(async () => {
    host = await boot(splitConfig('storage', ''), [SampleModule]);
    url = `http://127.0.0.1:${await listening(host)}`;
  });
  afterAll(() => host.close());

  async function statusOf(sent: {
    path?: string;
    token?: string;
    type?: string;
    body?: Uint8Array | string;
  }): Promise<number> {
    const token = sent.token ?? signer.tokenFor('storage', ANNA);
    const response = await fetch(`${url}${sent.path ?? '/internal/storage/answer'}`, {
      method: 'POST',
      headers: {
        'content-type': sent.type ?? WIRE_CONTENT_TYPE,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: sent.body ?? encode(ask()),
    });
    return response.status;
  }

  it('answers a call that is in order', async () => {
    expect(await statusOf({})).toBe(200);
  });

  it('a call without a token, with a stale one, or with one for another service', async () => {
    expect(await statusOf({ token: '' })).toBe(401);
    expect(await statusOf({ token: 'a.b.c' })).toBe(401);
    expect(await statusOf({ token: signer.tokenFor('audit', ANNA) })).toBe(401);
    const fresh = new TokenSigner('orchestrator', callerKey);
    expect(await statusOf({ token: fresh.tokenFor('storage', ANNA, Date.now() - 3_600_000) })).toBe(401);
  });

  it('rule 18: a service that has no business here, though its token is in order', async () => {
    const hub = new TokenSigner('connector-hub', callerKey);
    expect(await statusOf({ token: hub.tokenFor('storage', ANNA) })).toBe(403);
    expect(await statusOf({ path: '/internal/storage/kept' })).toBe(403);
  });

  it('an unknown sender before a byte of its body, and a body that is too large', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = ['POST /internal/storage/answer HTTP/1.1', 'Host: chartly', `Content-Type: ${WIRE_CONTENT_TYPE}`];
    socket.write([...head, 'Authorization: Bearer a.b.c', `Content-Length: ${60 * 2 ** 20}`, '', ''].join('\r\n'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 401');
    socket.destroy();
    expect(await statusOf({ body: new Uint8Array(65 * 2 ** 20) })).toBe(413);
  });

  it('what its contract does not list', async () => {
    for (const path of ['nothing', 'constructor', '__proto__', 'toString', 'onModuleInit']) {
      expect(await statusOf({ path: `/internal/storage/${path}` })).toBe(404);
    }
    expect(await statusOf({ path: '/internal/nobody/answer' })).toBe(401);
  });

  it('rule 23: fields that nobody declared, and bytes that are no payload', async () => {
    expect(await statusOf({ body: encode({ ...ask(), surprise: 1 }) })).toBe(422);
    expect(await statusOf({ body: encode({ what: 1, count: 1 }) })).toBe(422);
    expect(await statusOf({ body: encode(null) })).toBe(422);
    expect(await statusOf({ body: new Uint8Array([0xc1, 0xff]) })).toBe(400);
    expect(await statusOf({ body: new Uint8Array(0) })).toBeGreaterThanOrEqual(400);
    expect(await statusOf({ type: 'application/json', body: '{"what":"hello","count":1}' })).toBe(415);
  });
});

describe('a service that is away', () => {
  it('is told of clearly, and is found again by itself when it is back', async () => {
    const port = await freePort();
    const gateway = await boot(splitConfig('orchestrator', `http://127.0.0.1:${port}`), []);
    const sample = gateway.get(SampleContract);
    const thrown = await asAnna(() => sample.answer(ask())).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(errors.Unavailable);
    expect(thrown).toMatchObject({ code: 'service.unavailable', message: expect.stringContaining('"storage"') });

    const host = await boot(splitConfig('storage', ''), [SampleModule]);
    await listening(host, port);
    const answer = async (): Promise<Reply> => asAnna(() => sample.answer(ask())).catch(() => answer());
    expect((await answer()).said).toBe('hello');
    expect((await asAnna(() => sample.once(ask()))).said).toBe('hello');
    await gateway.close();
    await host.close();
  });

  it('answers nothing of its own for a process in which its address was not given', async () => {
    const lost = await boot(Object.assign(splitConfig('orchestrator', ''), { storageUrl: undefined }), []);
    await expect(lost.get(SampleContract).answer(ask())).rejects.toMatchObject({ code: 'service.unconfigured' });
    await lost.close();
  });
});
