import { randomUUID } from 'node:crypto';
import { BigIntStats, constants } from 'node:fs';
import { FileHandle, lstat, mkdir, open, readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ChartlyError, Unavailable } from '#libs/errors/errors';
import { piecesOf } from '../object-body';
import { keyTaken, objectExists, objectUnknown, rangeBeyond } from '../object-errors';
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
import { hasCode, placeDurably, syncFolders, unlinkIfThere, writeFileDurably } from './durable-file';
import { keysBelow } from './walk';

/** Where objects lie until they are whole. No key begins with a dot. */
const UNFINISHED = '.unfinished';
/** What a put that was killed left behind; none takes this long. */
const UNFINISHED_KEPT_MS = 24 * 3_600_000;
const READ_BYTES = 256 * 1024;

/**
 * Objects as files of one folder, on one machine or on a file system that several share. A key is the file's path: the
 * key's grammar has no way out of the folder, and links are not followed.
 */
export class FolderObjectStore extends ObjectStore {
  private constructor(private readonly root: string) {
    super();
  }

  static async open(root: string): Promise<FolderObjectStore> {
    const unfinished = join(root, UNFINISHED);
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    for (const name of await readdir(unfinished)) {
      const path = join(unfinished, name);
      const found = await lstat(path).catch(() => undefined); // another process may clear it as well
      if (found && Date.now() - found.mtimeMs > UNFINISHED_KEPT_MS) await unlinkIfThere(path);
    }
    return new FolderObjectStore(root);
  }

  async put(key: string, body: ObjectBody, { onlyIfAbsent = false, maxBytes, signal }: PutOptions = {}) {
    assertKey(key);
    const path = join(this.root, key);
    const unfinished = join(this.root, UNFINISHED, randomUUID());
    try {
      await writeFileDurably(unfinished, untilAborted(piecesOf(key, body, maxBytes), signal));
      const written = await lstat(unfinished, { bigint: true });
      await placeDurably(unfinished, path, { root: this.root, replace: !onlyIfAbsent });
      return infoOf(key, written);
    } catch (thrown) {
      if (onlyIfAbsent && hasCode(thrown, 'EEXIST')) throw objectExists(key);
      if (hasCode(thrown, 'EEXIST', 'EISDIR', 'ENOTDIR')) throw keyTaken(key);
      throw folderError(thrown);
    } finally {
      await unlinkIfThere(unfinished);
    }
  }

  async get(key: string, { range, signal }: GetOptions = {}): Promise<StoredObject> {
    assertKey(key);
    const file = await this.openFile(key);
    try {
      const info = infoOf(key, await file.stat({ bigint: true }));
      const { start, end } = within(key, info.bytes, range);
      return { info, body: untilAborted(read(file, start, end), signal), close: () => file.close() };
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertKey(key);
    return this.info(key);
  }

  async list(prefix: string, { limit = LIST_MAX, cursor }: ListOptions = {}): Promise<ObjectPage> {
    assertPrefix(prefix);
    const objects: ObjectInfo[] = [];
    try {
      for await (const key of keysBelow(this.root, prefix, cursor)) {
        if (objects.length === limit) return { objects, next: objects.at(-1)!.key }; // a limit is at least 1
        const info = await this.info(key);
        if (info) objects.push(info); // else it was deleted meanwhile
      }
    } catch (thrown) {
      throw folderError(thrown);
    }
    return { objects };
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    const path = join(this.root, key);
    try {
      if (!(await unlinkIfThere(path))) return;
      await syncFolders(dirname(path), dirname(path)).catch(ifGone);
    } catch (thrown) {
      throw folderError(thrown);
    }
    await this.removeEmptyFolders(dirname(path));
  }

  private async openFile(key: string): Promise<FileHandle> {
    try {
      const file = await open(join(this.root, key), constants.O_RDONLY | constants.O_NOFOLLOW);
      if ((await file.stat()).isFile()) return file;
      await file.close();
    } catch (thrown) {
      if (!hasCode(thrown, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw folderError(thrown);
    }
    throw objectUnknown(key);
  }

  private async info(key: string): Promise<ObjectInfo | undefined> {
    try {
      const found = await lstat(join(this.root, key), { bigint: true });
      return found.isFile() ? infoOf(key, found) : undefined;
    } catch (thrown) {
      if (hasCode(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
      throw folderError(thrown);
    }
  }

  private async removeEmptyFolders(from: string): Promise<void> {
    for (let folder = from; folder !== this.root; folder = dirname(folder)) {
      try {
        await rmdir(folder);
      } catch {
        return; // something is in it again, or somebody else took it
      }
    }
  }
}

/** A file keeps its number and time when it is moved to its place, and no other has had both. */
const infoOf = (key: string, { size, ino, mtimeNs, mtime }: BigIntStats): ObjectInfo => ({
  key,
  bytes: Number(size),
  etag: `${ino.toString(36)}-${mtimeNs.toString(36)}-${size.toString(36)}`,
  modifiedAt: mtime,
});

function within(key: string, bytes: number, range?: ByteRange): Required<ByteRange> {
  if (!range) return { start: 0, end: bytes };
  const end = Math.min(range.end ?? bytes, bytes);
  if (range.start < 0 || range.start >= end) throw rangeBeyond(key);
  return { start: range.start, end };
}

/** The same file from beginning to end, though another took its name meanwhile. */
async function* read(file: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  try {
    for (let at = start; at < end;) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, at);
      if (bytesRead === 0) throw new Unavailable('objects.unavailable', 'A file of the object store became shorter.');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (thrown) {
    throw folderError(thrown);
  } finally {
    await file.close();
  }
}

async function* untilAborted(pieces: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  for await (const piece of pieces) {
    yield piece;
    signal?.throwIfAborted();
  }
}

const ifGone = (thrown: unknown): void => {
  if (!hasCode(thrown, 'ENOENT')) throw thrown;
};

const MEANINGS: Readonly<Record<string, string>> = {
  ENOSPC: 'has no space left',
  EDQUOT: 'has no space left in its quota',
  EROFS: 'cannot be written to',
  EACCES: 'cannot be written to or read by this process',
  EPERM: 'cannot be written to or read by this process',
  EMFILE: 'has too many files open',
  ENFILE: 'has too many files open',
  EIO: 'has a fault',
};

function folderError(thrown: unknown): unknown {
  if (thrown instanceof ChartlyError) return thrown;
  const meaning = Object.entries(MEANINGS).find(([code]) => hasCode(thrown, code))?.[1];
  if (meaning === undefined) return thrown;
  return new Unavailable('objects.unavailable', `The folder of the object store ${meaning}. Try again when it can.`, {
    retryAfterMs: 5_000,
    cause: thrown,
  });
}
