import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Bucket, LimitStore } from './limit-store';
import { Verdict } from './token-bucket';

/** A request waits no longer than this for a bucket. */
const COMMAND_TIMEOUT_MS = 100;
/** After a failure Redis is left alone for so long. */
const REST_MS = 1_000;
const PREFIX = 'chartly:{limits}:';

/**
 * The same rule as `take` of token-bucket.ts, by Redis' own clock, for several buckets at once. KEYS are the buckets,
 * ARGV holds interval and window of each, in milliseconds.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local ends, answer, all = {}, {}, true
for i, key in ipairs(KEYS) do
  local interval, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local begin = math.max(tonumber(redis.call('GET', key) or now), now)
  ends[i] = begin + interval
  local early = ends[i] - window - now
  if early > 0.000001 then
    all = false
    answer[i] = string.format('0 0 %.3f %.3f', begin - now, early)
  else
    local remaining = math.max(0, math.floor((window - (ends[i] - now)) / interval + 0.000001))
    answer[i] = string.format('1 %d %.3f 0', remaining, ends[i] - now)
  end
end
if all then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.6f', ends[i]), 'PX', math.ceil(ends[i] - now) + 1)
  end
end
return answer`;

/** Buckets that all replicas share. While Redis does not answer, each replica goes by its own: no door opens or closes. */
export class RedisLimits extends LimitStore {
  private readonly logger = new Logger('Limits');
  private readonly redis: Redis;
  private restUntil = 0;

  constructor(
    url: string,
    private readonly local: LimitStore,
  ) {
    super();
    this.redis = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: REST_MS,
      retryStrategy: () => REST_MS,
    });
    this.redis.on('error', () => undefined); // told by the command that fails
  }

  async take(buckets: readonly Bucket[]): Promise<readonly Verdict[]> {
    if (performance.now() < this.restUntil) return this.local.take(buckets);
    try {
      const keys = buckets.map(({ id }) => PREFIX + id);
      const rates = buckets.flatMap(({ rate }) => [rate.perMs / rate.count, rate.perMs]);
      const answer = await this.redis.eval(TAKE, keys.length, ...keys, ...rates);
      return (answer as string[]).map(verdictOf); // what the script returns
    } catch (thrown) {
      if (this.restUntil === 0 || performance.now() > this.restUntil + REST_MS) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        this.logger.warn(`Redis does not answer: each replica limits by itself until it does. ${reason}`);
      }
      this.restUntil = performance.now() + REST_MS;
      return this.local.take(buckets);
    }
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.local.close();
  }
}

function verdictOf(line: string): Verdict {
  const [allowed, remaining = 0, resetMs = 0, retryAfterMs = 0] = line.split(' ').map(Number);
  return { allowed: allowed === 1, remaining, resetMs, retryAfterMs };
}
