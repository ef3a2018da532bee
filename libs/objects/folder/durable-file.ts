import { constants } from 'node:fs';
import { FileHandle, link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const RETRIES = 5;

/** Writes a new file and brings it to the disk. */
export async function writeFileDurably(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of pieces) await writeAll(file, piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Moves a finished file to its place in one step, makes the folders it needs, and brings the names to the disk. Without
 * `replace` it throws EEXIST when something is there.
 */
export async function placeDurably(
  from: string,
  to: string,
  { root, replace }: { root: string; replace: boolean },
): Promise<void> {
  for (let left = RETRIES; ; left -= 1) {
    const made = await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    try {
      await (replace ? rename(from, to) : link(from, to));
      await syncFolders(dirname(to), made === undefined ? dirname(to) : root);
      return;
    } catch (thrown) {
      // A delete beside us took the folder that had become empty.
      if (!hasCode(thrown, 'ENOENT') || left === 0) throw thrown;
    }
  }
}

export async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT', 'ENOTDIR')) return false;
    throw thrown;
  }
}

/** Brings the names in a folder to the disk, and those of its parents up to `top`. */
export async function syncFolders(folder: string, top: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const handle = await open(at, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === top || at === dirname(at)) return;
  }
}

export const hasCode = (thrown: unknown, ...codes: string[]): boolean =>
  typeof thrown === 'object' && thrown !== null && codes.includes(String(Reflect.get(thrown, 'code')));

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.byteLength;) {
    const { bytesWritten } = await file.write(piece, at);
    at += bytesWritten;
  }
}
