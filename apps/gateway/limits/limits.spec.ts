import fastify from 'fastify';
import { Clock } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { Principal } from '#libs/contracts/principal';
import { ChartlyError } from '#libs/errors/errors';
import { Counter, Gauge } from 'prom-client';
import { Admission } from './admission';
import { limitOf, Limits, registerLimitHeaders } from './limits';
import { MemoryLimits } from './memory-limits';
import { parseRate, take } from './token-bucket';

class StillClock extends Clock {
  at = 1_000_000;

  override now(): Date {
    return new Date(this.at);
  }
}

describe('a token bucket', () => {
  const rate = { count: 10, perMs: 1_000 };

  it('lets a whole window through at once, and then one each time it has filled by one', () => {
    let fullAt: number | undefined;
    const remaining: number[] = [];
    for (let at = 0; at < 10; at += 1) {
      const taken = take(fullAt, 0, rate);
      expect(taken.allowed).toBe(true);
      ({ fullAt } = taken);
      remaining.push(taken.remaining);
    }
    expect(remaining).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(take(fullAt, 0, rate)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 100, resetMs: 1_000 });
    expect(take(fullAt, 99, rate).allowed).toBe(false);
    expect(take(fullAt, 100, rate).allowed).toBe(true);
    expect(take(fullAt, 5_000, rate)).toMatchObject({ allowed: true, remaining: 9 });
  });

  it('never lets more than two windows through in any window, whatever the pattern', () => {
    let fullAt: number | undefined;
    let seed = 7;
    const times: number[] = [];
    for (let now = 0; now < 60_000; now += (seed = (seed * 48_271) % 2_147_483_647) % 60) {
      const taken = take(fullAt, now, rate);
      if (!taken.allowed) continue;
      ({ fullAt } = taken);
      times.push(now);
    }
    for (const [at, begin] of times.entries()) {
      const inWindow = times.slice(at).filter((time) => time < begin + rate.perMs).length;
      expect(inWindow).toBeLessThanOrEqual(2 * rate.count);
    }
    expect(times.length).toBeGreaterThan(590);
  });

  it.each(['100/s', '6000/m', '5/h', 'off'])('reads %s', (text) => expect(() => parseRate(text)).not.toThrow());
  it.each(['', '0/s', '1/d', '1.5/s', '-1/s', '1'])('refuses %j', (text) =>
    expect(() => parseRate(text)).toThrow(RangeError),
  );
});

describe('limits', () => {
  const key = (id: string): Principal => ({ kind: 'key', id, name: id, grants: [] });

  it('counts by key, user and project, and takes from none when one is empty', async () => {
    const clock = new StillClock();
    const config = loadConfig({ CHARTLY_LIMIT_KEY: '3/s', CHARTLY_LIMIT_PROJECT: '4/s', CHARTLY_LIMIT_USER: '1/s' });
    const limits = new Limits(new MemoryLimits(clock), config);
    const app = fastify();
    registerLimitHeaders(app, limits);
    app.get('/:who/:project', async (request) => {
      const { who, project } = request.params as { who: string; project: string };
      await limits.ofCaller(request, who === 'person' ? { ...key(who), kind: 'local' } : key(who), project);
      return 'in';
    });
    app.setErrorHandler((error, _request, reply) => {
      const { status, code, details } = error as ChartlyError;
      return reply.status(status).send({ code, retryAfterMs: details.retryAfterMs });
    });
    const ask = async (url: string): Promise<string> => {
      const answer = await app.inject(url);
      return answer.statusCode === 200 ? 'in' : answer.json<{ code: string }>().code;
    };
    for (let at = 0; at < 3; at += 1) expect(await ask('/a/x')).toBe('in');
    expect(await ask('/a/x')).toBe('limit.key');
    expect(await ask('/b/x')).toBe('in');
    expect(await ask('/b/x')).toBe('limit.project');
    for (let at = 0; at < 2; at += 1) expect(await ask('/b/y')).toBe('in'); // the refused one cost nothing
    expect(await ask('/b/y')).toBe('limit.key');
    expect(await ask('/person/y')).toBe('in');
    expect(await ask('/person/y')).toBe('limit.user');
    clock.at += 1_000;
    const { headers } = await app.inject('/a/x');
    expect(headers).toMatchObject({
      ratelimit: '"key";r=2;t=1',
      'ratelimit-policy': '"key";q=3;w=1, "project";q=4;w=1',
    });
    await app.close();
  });

  it('does not count our own services', () => {
    expect(limitOf({ ...key('x'), kind: 'service' })).toBeUndefined();
  });

  it('forgets the oldest of too many buckets, and stays bounded', () => {
    const store = new MemoryLimits(new StillClock());
    const rate = { count: 1, perMs: 1_000 };
    store.take([{ id: 'first', rate }]);
    expect(store.take([{ id: 'first', rate }])[0]?.allowed).toBe(false);
    for (let at = 0; at < 100_000; at += 1) store.take([{ id: String(at), rate }]);
    expect(store.take([{ id: 'first', rate }])[0]?.allowed).toBe(true);
  });
});

describe('admission', () => {
  const admission = (): Admission =>
    new Admission(
      loadConfig({ CHARTLY_CONCURRENCY_MAX: '10' }),
      new Gauge({ name: 'g', help: 'g', labelNames: ['priority'], registers: [] }),
      new Counter({ name: 'c', help: 'c', labelNames: ['priority'], registers: [] }),
    );
  const fill = (one: Admission, priority: 'bulk' | 'query' | 'control'): number => {
    for (let count = 0; ; count += 1) {
      try {
        one.enter(priority);
      } catch {
        return count;
      }
    }
  };

  it('turns bulk away first, then questions, then control, and health never', () => {
    const one = admission();
    expect(fill(one, 'bulk')).toBe(6);
    expect(fill(one, 'query')).toBe(2);
    expect(fill(one, 'control')).toBe(2);
    expect(() => one.enter('health')).not.toThrow();
    expect(() => one.enter('control')).toThrow(expect.objectContaining({ code: 'gateway.busy', status: 503 }));
  });

  it('gives a place back once, however often it is told so', () => {
    const one = admission();
    const leave = one.enter('control');
    fill(one, 'control');
    leave();
    leave();
    expect(fill(one, 'control')).toBe(1);
  });
});
