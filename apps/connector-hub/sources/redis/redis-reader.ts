import { Injectable } from '@nestjs/common';
import { Redis, ReplyError } from 'ioredis';
import { readerName } from '#libs/documents/sources/messages';
import { RedisPull, RedisSource } from '#libs/documents/sources/redis';
import { Unprocessable } from '#libs/errors/errors';
import { EgressGuard } from '#libs/egress/egress-guard';
import { authRefusedBy, awayFrom, certifiedFor, PEER_TIMEOUT_MS, peerOf, refusedBy } from '../messages/peer';
import { rawJsonParts } from '../record-parts';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { entryRecord, StreamEntry } from './entry-record';

const DEFAULT_PORT = 6379;
/** Entries at once: each may be a record of 1 MiB. */
const PAGE_ENTRIES = 100;
/** A pipeline is one member of its group, whichever process pulls: what one that died had taken is its own to take up. */
const CONSUMER = 'chartly';

export interface RedisState {
  /** The last entry that was taken in. */
  readonly id?: string;
}

/**
 * Reads a stream through a consumer group. An entry is acknowledged (XACK) after its page is committed; what was given and
 * not acknowledged, because Chartly died, stays pending for the group's member and is what the next pull begins with.
 */
@Injectable()
export class RedisReader extends SourceReader<'redis', RedisState> {
  constructor(private readonly guard: EgressGuard) {
    super();
  }

  async *read(request: ReadRequest<RedisPull, RedisState>): AsyncGenerator<SourcePage<RedisState>, ReadEnd> {
    const { source, signal } = request;
    const redis = await this.connected(source.redis);
    const hangUp = (): void => redis.disconnect();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      await expectStream(redis, source.redis);
      if (request.peek) yield* glance(redis, source.redis);
      else yield* pagesOf(redis, source.redis, source.redis.group ?? readerName(request.pipeline));
      return { done: true };
    } catch (thrown) {
      throw sourceError(thrown);
    } finally {
      signal.removeEventListener('abort', hangUp);
      redis.disconnect();
    }
  }

  positionOf({ id }: Partial<RedisState>): string | undefined {
    return id;
  }

  private async connected({ url, auth }: RedisSource): Promise<Redis> {
    const { name, address, port } = await peerOf(this.guard, url, DEFAULT_PORT);
    const { protocol, pathname } = new URL(url);
    const redis = new Redis({
      host: address,
      port,
      db: Number(pathname.slice(1) || 0),
      ...(auth ? { username: auth.user, password: auth.password } : {}),
      ...(protocol === 'rediss:' ? { tls: certifiedFor(name) } : {}),
      connectTimeout: PEER_TIMEOUT_MS,
      commandTimeout: PEER_TIMEOUT_MS,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectionName: 'chartly',
    });
    let broken: Error | undefined;
    redis.on('error', (error: Error) => (broken = error)); // the command that it breaks says less of it
    try {
      await redis.connect();
      return redis;
    } catch (thrown) {
      redis.disconnect();
      throw sourceError(broken ?? thrown);
    }
  }
}

async function* pagesOf(
  redis: Redis,
  source: RedisSource,
  group: string,
): AsyncGenerator<SourcePage<RedisState>, void> {
  await joinGroup(redis, source, group);
  for (let pendingAfter: string | undefined = '0'; ;) {
    const entries = await next(redis, source.stream, group, pendingAfter ?? '>');
    const last = entries.at(-1)?.[0].toString();
    if (last === undefined && pendingAfter === undefined) return;
    pendingAfter = pendingAfter === undefined ? undefined : last;
    if (last === undefined) continue;
    const ids = entries.map(([id]) => id);
    yield {
      ...pageOf(source.stream, entries),
      state: { id: last },
      acknowledge: async () => void (await redis.xack(source.stream, group, ...ids)),
    };
  }
}

/** The first entries that there are, with no group knowing of it. */
async function* glance(redis: Redis, { stream }: RedisSource): AsyncGenerator<SourcePage<RedisState>, void> {
  for (let from = '-'; ;) {
    const entries = (await redis.xrangeBuffer(stream, from, '+', 'COUNT', PAGE_ENTRIES)) as unknown as StreamEntry[]; // its reply
    const last = entries.at(-1)?.[0].toString();
    if (last === undefined) return;
    yield { ...pageOf(stream, entries), state: { id: last } };
    from = `(${last}`;
  }
}

/** Entries behind `from` among those that were given to us and not acknowledged, or `>`, those that nobody was given. */
async function next(redis: Redis, stream: string, group: string, from: string): Promise<readonly StreamEntry[]> {
  const asked = ['GROUP', group, CONSUMER, 'COUNT', PAGE_ENTRIES, 'STREAMS', stream, from];
  const reply = (await redis.callBuffer('XREADGROUP', asked)) as
    readonly (readonly [Buffer, readonly StreamEntry[]])[] | null; // its reply
  return reply?.[0]?.[1] ?? [];
}

/** A stream that is not there is not made: a name that was misspelt would be empty for ever. */
async function expectStream(redis: Redis, { stream }: RedisSource): Promise<void> {
  const type = await redis.type(stream);
  if (type === 'stream') return;
  throw new Unprocessable(
    'pull.refused',
    `${WHO} has ${type === 'none' ? 'no stream' : `a ${type}, and no stream,`} "${stream}" in that database.`,
  );
}

async function joinGroup(redis: Redis, { stream, start }: RedisSource, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, start === 'latest' ? '$' : '0');
  } catch (thrown) {
    if (!(thrown instanceof Error) || !thrown.message.startsWith('BUSYGROUP')) throw thrown;
  }
}

function pageOf(stream: string, entries: readonly StreamEntry[]): Omit<SourcePage<RedisState>, 'state'> {
  const records = entries.filter(([, fields]) => fields !== null).map((entry) => entryRecord(stream, entry));
  const bytes = records.reduce((sum, record) => sum + record.length, 0);
  return { parts: rawJsonParts(records), count: records.length, bytes };
}

const WHO = "The source's Redis";

/** Redis begins each refusal with a word for its kind; some of them pass. */
function sourceError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !(thrown instanceof ReplyError)) return awayFrom(WHO, thrown);
  if (/^(?:NOAUTH|WRONGPASS|NOPERM)|invalid password|without any password/.test(thrown.message)) {
    return authRefusedBy(WHO, thrown);
  }
  return /^(?:LOADING|BUSY|MASTERDOWN|TRYAGAIN|CLUSTERDOWN|READONLY)/.test(thrown.message)
    ? awayFrom(WHO, thrown)
    : refusedBy(WHO, thrown);
}
