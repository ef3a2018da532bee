import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { Unavailable } from '#libs/errors/errors';
import { partsOf, piecesOf } from '../object-body';
import { objectExists, objectUnknown, rangeBeyond } from '../object-errors';
import { assertKey, assertPrefix } from '../object-key';
import {
  ByteRange,
  GetOptions,
  LIST_MAX,
  ListOptions,
  ObjectBody,
  ObjectInfo,
  ObjectPage,
  ObjectStore,
  PutOptions,
  StoredObject,
} from '../object-store';
import { refused, S3Answer, S3Client, S3Credentials, S3Refusal, unavailable } from './s3-client';
import { S3Place } from './s3-place';
import { upload } from './s3-upload';
import { readList } from './s3-xml';

/** Longer objects go in parts of this size, of which two or three are in memory at once. */
const PART_BYTES = 8 * 1024 * 1024;
/** How often one reading of an object takes up again where the connection broke. */
const RESUMES_MAX = 5;

const IF_ABSENT = { 'if-none-match': '*' } as const;

/** Objects of one prefix of a bucket, through the S3 API. */
export class S3ObjectStore extends ObjectStore {
  private readonly client: S3Client;
  private honoursConditions?: Promise<boolean>;

  constructor(
    private readonly place: S3Place,
    credentials: S3Credentials,
    /** Through which it is reached; by a pool of its own when left out. */
    agent?: Dispatcher,
  ) {
    super();
    this.client = new S3Client(place, credentials, agent);
  }

  async put(key: string, body: ObjectBody, { onlyIfAbsent = false, maxBytes, signal }: PutOptions = {}) {
    assertKey(key);
    if (onlyIfAbsent) await this.assertConditions();
    const conditions = onlyIfAbsent ? IF_ABSENT : {};
    let bytes = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const part of partsOf(piecesOf(key, body, maxBytes), PART_BYTES)) {
        bytes += part.byteLength;
        yield part;
      }
    };
    try {
      const etag = await this.send(this.place.prefix + key, counted(), { conditions, signal });
      return { key, bytes, etag, modifiedAt: new Date() };
    } catch (thrown) {
      if (onlyIfAbsent && thrown instanceof S3Refusal && thrown.status === 412) throw objectExists(key);
      throw refused(thrown);
    }
  }

  async get(key: string, { range, signal }: GetOptions = {}): Promise<StoredObject> {
    assertKey(key);
    const answer = await this.open(key, range, { signal });
    const info = infoOf(key, answer);
    const first = range?.start ?? 0;
    const end = Math.min(range?.end ?? info.bytes, info.bytes);
    return {
      info,
      body: this.content(key, answer, { first, end, etag: info.etag, signal }),
      close: () => answer.body.dump(),
    };
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertKey(key);
    try {
      const answer = await this.client.send({ method: 'HEAD', key: this.place.prefix + key });
      await answer.body.dump();
      return infoOf(key, answer);
    } catch (thrown) {
      if (thrown instanceof S3Refusal && thrown.status === 404) return undefined;
      throw refused(thrown);
    }
  }

  async list(prefix: string, { limit = LIST_MAX, cursor }: ListOptions = {}): Promise<ObjectPage> {
    assertPrefix(prefix);
    const query = {
      'list-type': '2',
      'max-keys': String(limit),
      prefix: this.place.prefix + prefix,
      ...(cursor === undefined ? {} : { 'start-after': this.place.prefix + cursor }),
    };
    try {
      const { text } = await this.client.text({ method: 'GET', query });
      const { objects: listed, truncated } = readList(text);
      const objects = listed.map(({ Key, Size, ETag, LastModified }) => ({
        key: Key.slice(this.place.prefix.length),
        bytes: Number(Size),
        etag: ETag,
        modifiedAt: new Date(LastModified),
      }));
      const last = objects.at(-1);
      return { objects, ...(truncated && last ? { next: last.key } : {}) };
    } catch (thrown) {
      throw thrown instanceof TypeError
        ? unavailable(`The object store lists in no known way: ${thrown.message}`)
        : refused(thrown);
    }
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    try {
      await this.client.text({ method: 'DELETE', key: this.place.prefix + key });
    } catch (thrown) {
      if (!(thrown instanceof S3Refusal && thrown.status === 404)) throw refused(thrown);
    }
  }

  /** In one request when it fits in one part, else in parts. */
  private async send(
    key: string,
    parts: AsyncGenerator<Buffer>,
    { conditions, signal }: { conditions: Readonly<Record<string, string>>; signal?: AbortSignal },
  ): Promise<string> {
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    if (first.done || second.done) {
      const body = first.value ?? Buffer.alloc(0);
      const { answer } = await this.client.text({ method: 'PUT', key, headers: conditions, body, signal });
      return String(answer.headers.etag);
    }
    const all = async function* (): AsyncGenerator<Buffer> {
      yield first.value;
      yield second.value;
      yield* parts;
    };
    return upload(this.client, key, all(), { conditions, signal });
  }

  private async open(
    key: string,
    range: ByteRange | undefined,
    { etag, signal }: { etag?: string; signal?: AbortSignal },
  ): Promise<S3Answer> {
    if (range && (range.start < 0 || (range.end !== undefined && range.end <= range.start))) throw rangeBeyond(key);
    const headers = {
      ...(range ? { range: `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}` } : {}),
      ...(etag === undefined ? {} : { 'if-match': etag }),
    };
    try {
      return await this.client.send({ method: 'GET', key: this.place.prefix + key, headers, signal });
    } catch (thrown) {
      if (thrown instanceof S3Refusal && thrown.code === 'NoSuchKey') throw objectUnknown(key);
      if (thrown instanceof S3Refusal && thrown.status === 416) throw rangeBeyond(key);
      throw refused(thrown);
    }
  }

  /** Bytes `first` to before `end`: taken up again where a connection breaks, as long as it is the same object. */
  private async *content(
    key: string,
    opened: S3Answer,
    { first, end, etag, signal }: { first: number; end: number; etag: string; signal?: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    let answer = opened;
    let at = first;
    for (let resumes = 0; ; resumes += 1) {
      try {
        for await (const piece of piecesFrom(answer, at, end)) {
          at += piece.byteLength;
          yield piece;
        }
        if (at === end) return;
        throw new Error(`The answer ended ${end - at} bytes early.`);
      } catch (thrown) {
        if (signal?.aborted) throw thrown;
        if (resumes === RESUMES_MAX) throw unavailable(`The object store breaks off "${key}" again and again`, thrown);
      }
      answer = await this.open(key, { start: at, end }, { etag, signal });
    }
  }

  /**
   * Some servers overlook `If-None-Match` and would replace what must stay: whether this one does is tried once, with
   * an object of our own. Throws Unavailable `objects.unconditional`.
   */
  private async assertConditions(): Promise<void> {
    this.honoursConditions ??= this.tryConditions().catch((thrown: unknown) => {
      this.honoursConditions = undefined;
      throw thrown;
    });
    if (await this.honoursConditions) return;
    throw new Unavailable(
      'objects.unconditional',
      'This object store cannot put an object only if there is none (If-None-Match). Use a server that can.',
    );
  }

  private async tryConditions(): Promise<boolean> {
    const key = `${this.place.prefix}conditions/${randomUUID()}`;
    const probe = { method: 'PUT', key, headers: IF_ABSENT, body: Buffer.from('probe') } as const;
    try {
      await this.client.text(probe);
      await this.client.text(probe);
      return false;
    } catch (thrown) {
      if (thrown instanceof S3Refusal && thrown.status === 412) return true;
      if (thrown instanceof S3Refusal && thrown.status === 501) return false;
      throw refused(thrown);
    } finally {
      await this.client.text({ method: 'DELETE', key }).catch(() => undefined); // a few bytes that harm nobody
    }
  }
}

function infoOf(key: string, { headers }: S3Answer): ObjectInfo {
  const [, total] = /\/(\d+)$/.exec(String(headers['content-range'] ?? '')) ?? [];
  return {
    key,
    bytes: Number(total ?? headers['content-length'] ?? 0),
    etag: String(headers.etag),
    modifiedAt: new Date(String(headers['last-modified'])),
  };
}

/** The pieces of an answer between two places of the object: a server may give more than it was asked for. */
async function* piecesFrom({ status, body }: S3Answer, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = status === 206 ? start : 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    const wanted = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += piece.byteLength;
    if (wanted.byteLength > 0) yield wanted;
    if (at >= end) return;
  }
}
