import { PayloadTooLarge } from '#libs/errors/errors';

export interface ObjectInfo {
  /** Segments with slashes between; see `object-key.ts` for what may stand in it. */
  readonly key: string;
  readonly bytes: number;
  /** Changes whenever the object does; opaque, and no digest of the content. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

export interface StoredObject {
  readonly info: ObjectInfo;
  /** The content in pieces, to be read once. Whoever leaves the loop early lets go of it. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of an object whose body is not read at all. */
  close(): Promise<void>;
}

/** Bytes `start` to before `end` of an object, counted from 0; to its end without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

export interface PutOptions {
  /** Throws Conflict `object.exists` when there is an object of that key already, whoever put it. */
  readonly onlyIfAbsent?: boolean;
  /** Throws PayloadTooLarge `object.too_large`, and keeps nothing, when the body is longer. Unit: bytes. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  readonly range?: ByteRange;
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  /** 1 to 1,000; 1,000 when left out. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface ObjectPage {
  readonly objects: readonly ObjectInfo[];
  /** Set when there may be more. */
  readonly next?: string;
}

export const LIST_MAX = 1_000;

/**
 * Whole things that are written once and read many times: raw segments, exports, archives. The one port that an object
 * engine implements; `object-store.conformance.ts` says what each must do.
 *
 * A key names one object; no key is at once the folder of another. Methods throw BadRequest `object.key_malformed` for a
 * key that some engine could not hold, and a retryable Unavailable `objects.unavailable` when the engine is away or full:
 * transient failures have been tried again by then. Memory does not grow with the size of an object.
 */
export abstract class ObjectStore {
  /**
   * Keeps `body` under `key`, durably when it resolves. Readers find the object before or the object after, whole, and
   * never a part; a put that fails leaves what was there. A body that is a stream is read once.
   */
  abstract put(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo>;
  /**
   * The object as it is at this moment, however long reading it takes. Throws NotFound `object.unknown`, and BadRequest
   * `object.range` when the range begins past its end.
   */
  abstract get(key: string, options?: GetOptions): Promise<StoredObject>;
  abstract head(key: string): Promise<ObjectInfo | undefined>;
  /** Objects whose key begins with `prefix`, in the order of their keys' bytes. What is put meanwhile may be missed. */
  abstract list(prefix: string, options?: ListOptions): Promise<ObjectPage>;
  /** Deleting what is not there changes nothing. */
  abstract delete(key: string): Promise<void>;

  /** The bytes of an object, or of a part of it. Throws PayloadTooLarge `object.too_large` beyond `maxBytes`. */
  async read(key: string, { maxBytes, ...options }: GetOptions & { readonly maxBytes: number }): Promise<Buffer> {
    const { body } = await this.get(key, options);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of body) {
      bytes += piece.byteLength;
      if (bytes > maxBytes) throw tooLarge(key, maxBytes);
      pieces.push(piece);
    }
    return Buffer.concat(pieces, bytes);
  }

  /** Every object under `prefix`, page by page. */
  async *all(prefix: string): AsyncGenerator<ObjectInfo> {
    let cursor: string | undefined;
    do {
      const { objects, next }: ObjectPage = await this.list(prefix, cursor === undefined ? {} : { cursor });
      yield* objects;
      cursor = next;
    } while (cursor !== undefined);
  }
}

export const tooLarge = (key: string, maxBytes: number): PayloadTooLarge =>
  new PayloadTooLarge('object.too_large', `The object "${key}" is longer than the ${maxBytes} bytes that are allowed.`);
