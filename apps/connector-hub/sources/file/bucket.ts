import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Agent } from 'undici';
import { FileSource } from '#libs/documents/sources/file';
import { EgressGuard } from '#libs/egress/egress-guard';
import { ChartlyError, NotFound, Unavailable, Unprocessable } from '#libs/errors/errors';
import { S3ObjectStore } from '#libs/objects/s3/s3-object-store';
import { s3PlaceOf } from '#libs/objects/s3/s3-place';
import { FilePlace, FILES_MAX, FoundFile, inOrder, OpenFile, tooManyFiles } from './file-place';

/** An object is fetched whole before its first row is read, well within the lease of a page. */
const OBJECT_MAX_BYTES = 256 * 2 ** 20;
const REGION = 'us-east-1';

interface BucketOptions {
  readonly guard: EgressGuard;
  readonly matches: (path: string) => boolean;
  /** Where fetched objects stand meanwhile. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** The objects under a prefix of a bucket, through the S3 API at an address that was checked. */
export class Bucket implements FilePlace {
  private constructor(
    private readonly objects: S3ObjectStore,
    private readonly agent: Agent,
    private readonly options: BucketOptions,
  ) {}

  /** Throws as `EgressGuard.checkedAddress`. */
  static async open({ url, region = REGION, auth }: FileSource, options: BucketOptions): Promise<Bucket> {
    const place = s3PlaceOf(url, region);
    const agent = await options.guard.agentFor(new URL(place.bucketUrl));
    const credentials = auth ?? { accessKeyId: '', secretAccessKey: '' };
    return new Bucket(new S3ObjectStore(place, credentials, agent), agent, options);
  }

  async list(): Promise<readonly FoundFile[]> {
    const found: FoundFile[] = [];
    try {
      for await (const { key, bytes, etag } of this.objects.all('')) {
        this.options.signal.throwIfAborted();
        if (key.endsWith('/') || !this.options.matches(key)) continue;
        if (found.length === FILES_MAX) throw tooManyFiles();
        found.push({ name: key, bytes, etag });
      }
      return inOrder(found);
    } catch (thrown) {
      throw ofBucket(thrown);
    }
  }

  async open({ name, bytes, etag }: FoundFile): Promise<OpenFile | undefined> {
    if (bytes > OBJECT_MAX_BYTES) throw tooLarge(name, bytes);
    await mkdir(this.options.scratch, { recursive: true });
    const folder = await mkdtemp(join(this.options.scratch, 'object-'));
    const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
    const path = join(folder, 'content');
    try {
      const object = await this.objects.get(name, { signal: this.options.signal });
      if (object.info.etag === etag && object.info.bytes <= OBJECT_MAX_BYTES) {
        await pipeline(Readable.from(object.body), createWriteStream(path));
        return { path, isUnchanged: async () => Promise.resolve(true), close };
      }
      await object.close();
    } catch (thrown) {
      await close();
      if (thrown instanceof NotFound) return undefined;
      throw ofBucket(thrown);
    }
    await close();
    return undefined;
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

const tooLarge = (name: string, bytes: number): Unprocessable =>
  new Unprocessable(
    'pull.file_too_large',
    `The object "${name}" has ${bytes} bytes; ${OBJECT_MAX_BYTES} are taken. Split it, or exclude it by \`files\`.`,
  );

/** The store's errors speak of our own bucket. */
function ofBucket(thrown: unknown): unknown {
  if (!(thrown instanceof ChartlyError) || !thrown.code.startsWith('object')) return thrown;
  if (thrown.code === 'objects.denied') {
    return new Unprocessable('pull.auth', "The source's bucket refused the key, or what it asked for.", {
      cause: thrown,
    });
  }
  if (thrown.code === 'objects.unavailable') {
    return new Unavailable('pull.failed', `The source's bucket did not answer: ${thrown.message}`, { cause: thrown });
  }
  const said = thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
  return new Unprocessable('pull.refused', `The source's bucket refused: ${said}`, { cause: thrown });
}
