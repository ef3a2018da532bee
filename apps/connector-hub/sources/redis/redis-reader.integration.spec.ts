import { Redis } from 'ioredis';
import { RedisPull } from '#libs/documents/sources/redis';
import { describeWithRedis, startTestRedis, TestRedis } from '#libs/testing/redis';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { readAll, recordsOf } from '../messages/message-reader.testing';
import { RedisReader } from './redis-reader';

describeWithRedis('a Redis stream as a source', () => {
  let server: TestRedis;
  let redis: Redis;
  let host: string;
  let reader: RedisReader;

  beforeAll(async () => {
    server = await startTestRedis();
    redis = new Redis(server.url);
    ({ host } = new URL(server.url));
    reader = new RedisReader(new EgressGuard(AllowList.parse([host])));
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => server.flush());

  const sourceOf = (change: Partial<RedisPull['redis']> = {}): RedisPull => ({
    redis: { url: `redis://${host}`, stream: 'orders', ...change },
  });
  const add = async (from: number, to: number): Promise<void> => {
    const pipeline = redis.pipeline();
    for (let n = from; n <= to; n += 1) pipeline.xadd('orders', `${n}-1`, 'n', String(n));
    await pipeline.exec();
  };
  const numbers = (pages: Awaited<ReturnType<typeof readAll>>): number[] =>
    recordsOf(pages).map(({ fields }) => Number((fields as { n: string }).n)); // as `add` wrote them
  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const pending = async (): Promise<unknown> => (await redis.xpending('orders', 'chartly-default-read'))[0];

  it('gives each entry once, and what is added later with the next pull', async () => {
    await add(1, 250);
    const pages = await readAll(reader, sourceOf());
    expect(numbers(pages)).toEqual(upTo(1, 250));
    expect(reader.positionOf(pages.at(-1)!.state)).toBe('250-1'); // three pages
    await add(251, 260);
    expect(numbers(await readAll(reader, sourceOf()))).toEqual(upTo(251, 260));
    expect(await readAll(reader, sourceOf())).toEqual([]);
    expect(await pending()).toBe(0);
  });

  it('gives again what was not acknowledged, and nothing else', async () => {
    await add(1, 250);
    await readAll(reader, sourceOf(), { diesAfter: (nth) => nth === 2 });
    await add(251, 251);
    expect(numbers(await readAll(reader, sourceOf()))).toEqual(upTo(101, 251));
    await add(252, 252);
    await readAll(reader, sourceOf(), { commits: () => false });
    expect(numbers(await readAll(reader, sourceOf()))).toEqual([252]);
    expect(await pending()).toBe(0);
  });

  it('lets go of entries that were deleted while they were pending', async () => {
    await add(1, 3);
    await readAll(reader, sourceOf(), { commits: () => false });
    await redis.xdel('orders', '2-1');
    expect(numbers(await readAll(reader, sourceOf()))).toEqual([1, 3]);
    expect(await pending()).toBe(0);
  });

  it('keeps fields that are named twice, and bytes that are no text', async () => {
    await redis.xadd('orders', '1526919030474-0', 'a', '1', 'a', '2', 'b', Buffer.from([255]), '__proto__', 'p');
    const [entry] = recordsOf(await readAll(reader, sourceOf()));
    expect(entry).toEqual({
      id: '1526919030474-0',
      stream: 'orders',
      time: '2018-05-21T16:10:30.474Z',
      fields: JSON.parse('{"a":["1","2"],"__proto__":"p"}') as unknown,
      base64: { b: '/w==' },
    });
  });

  it('begins at what comes new where the document says so', async () => {
    await add(1, 3);
    expect(await readAll(reader, sourceOf({ start: 'latest' }))).toEqual([]);
    await add(4, 4);
    expect(numbers(await readAll(reader, sourceOf({ start: 'latest' })))).toEqual([4]);
  });

  it('shows the first messages, and leaves nothing behind at the peer', async () => {
    await add(1, 150);
    expect(numbers(await readAll(reader, sourceOf(), { peek: true }))).toEqual(upTo(1, 150));
    expect(await redis.xinfo('GROUPS', 'orders')).toEqual([]);
  });

  it('stops at a message that is too large for a record, and says where it is', async () => {
    await add(1, 1);
    await redis.xadd('orders', '2-1', 'n', 'x'.repeat(2 ** 20));
    await expect(readAll(reader, sourceOf())).rejects.toMatchObject({
      code: 'pull.record_too_large',
      message: expect.stringContaining('The entry 2-1 of the stream "orders"') as string,
    });
    await redis.xdel('orders', '2-1');
    expect(numbers(await readAll(reader, sourceOf()))).toEqual([1]);
  });

  it.each<[string, Partial<RedisPull['redis']>, object]>([
    ['no such stream', { stream: 'ordres' }, { code: 'pull.refused', message: /has no stream "ordres"/ }],
    ['another type', { stream: 'text' }, { code: 'pull.refused', message: /has a string, and no stream, "text"/ }],
    ['a user', { auth: { user: 'nobody', password: 'x' } }, { code: 'pull.auth', message: /refused who asks/ }],
    ['an internal address', { url: 'redis://127.0.0.2:6379' }, { code: 'egress.refused' }],
  ])('says what is wrong: %s', async (_, change, found) => {
    await add(1, 1);
    await redis.set('text', 'x');
    for (const peek of [false, true]) {
      const { message, ...rest } = found as { message?: RegExp };
      await expect(readAll(reader, sourceOf(change), { peek })).rejects.toMatchObject({
        ...rest,
        ...(message ? { message: expect.stringMatching(message) as string } : {}),
      });
    }
  });

  it('says that nobody answers', async () => {
    const nobody = new RedisReader(new EgressGuard(AllowList.parse(['127.0.0.1:1'])));
    await expect(readAll(nobody, sourceOf({ url: 'redis://127.0.0.1:1' }))).rejects.toMatchObject({
      code: 'pull.failed',
      retryable: true,
    });
  });
});
