import { Redis } from 'ioredis';
import { Clock } from '#libs/clock/clock';
import { describeWithRedis, startTestRedis, TestRedis } from '#libs/testing/redis';
import { Bucket, LimitStore } from './limit-store';
import { MemoryLimits } from './memory-limits';
import { RedisLimits } from './redis-limits';

const HOUR = 3_600_000;
let names = 0;
const bucket = (count: number): Bucket => ({ id: `test/${(names += 1)}`, rate: { count, perMs: HOUR } });

/** How many of so many requests at once pass. */
async function passing(store: LimitStore, buckets: readonly Bucket[], requests: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: requests }, async () => store.take(buckets)));
  return all.filter((verdicts) => verdicts.every(({ allowed }) => allowed)).length;
}

/** What every store does alike (rule 9). */
function conformance(open: () => LimitStore): void {
  it('lets as many through as the rate says, and tells what is left', async () => {
    const store = open();
    const one = bucket(5);
    const [first] = await store.take([one]);
    expect(first).toMatchObject({ allowed: true, remaining: 4, retryAfterMs: 0 });
    expect(await passing(store, [one], 20)).toBe(4);
    const [refused] = await store.take([one]);
    expect(refused?.allowed).toBe(false);
    expect(refused?.retryAfterMs).toBeGreaterThan(0.99 * (HOUR / 5) - 60_000);
    expect(refused?.resetMs).toBeGreaterThan(0.99 * HOUR - 60_000);
  });

  it('takes from every bucket or from none', async () => {
    const store = open();
    const [wide, narrow] = [bucket(10), bucket(2)];
    expect(await passing(store, [wide, narrow], 6)).toBe(2);
    expect(await passing(store, [wide], 20)).toBe(8);
  });

  it('keeps buckets apart', async () => {
    const store = open();
    expect(await passing(store, [bucket(1)], 3)).toBe(1);
    expect(await passing(store, [bucket(1)], 3)).toBe(1);
  });
}

describe('limits in memory', () => conformance(() => new MemoryLimits(new Clock())));

describeWithRedis('limits in Redis', () => {
  let redis: TestRedis;
  const stores: LimitStore[] = [];

  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
  });

  function open(): RedisLimits {
    const store = new RedisLimits(redis.url, new MemoryLimits(new Clock()));
    stores.push(store);
    return store;
  }

  /** A store that has reached Redis: until then it goes by its own memory. */
  async function connected(): Promise<RedisLimits> {
    const store = open();
    const client = new Redis(redis.url);
    for (let there = 0; there === 0;) {
      const probe = bucket(1);
      await store.take([probe]);
      there = await client.exists(`chartly:{limits}:${probe.id}`);
    }
    client.disconnect();
    return store;
  }

  const shared: RedisLimits[] = [];
  beforeAll(async () => {
    shared.push(await connected(), await connected());
  });
  conformance(() => shared[0]!);

  it('is one limit for all replicas', async () => {
    const one = bucket(10);
    const [a, b] = shared;
    const passed = await Promise.all([passing(a!, [one], 10), passing(b!, [one], 10)]);
    expect(passed[0] + passed[1]).toBe(10);
  });

  it('fault 6: while Redis is away every replica goes on with limits of its own, neither open nor closed', async () => {
    const [store] = shared;
    await redis.stop();
    const one = bucket(3);
    expect(await passing(store!, [one], 10)).toBe(3);
  });
});
