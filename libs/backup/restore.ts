import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findPlace } from '#libs/database/postgres-place';
import { Conflict } from '#libs/errors/errors';
import { copyTree } from './copy-tree';
import { verifiedManifest } from './manifest';

/**
 * Puts a backup into an empty or missing data folder; the next start finds what was there when it was taken. Verifies
 * every file first. Throws Conflict `restore.not_empty` for a folder that has anything in it.
 */
export async function restoreBackup(backup: string, dataDir: string): Promise<{ readonly takenAt: string }> {
  const [from, home] = [resolve(backup), resolve(dataDir)];
  if (existsSync(home) && (await readdir(home)).length > 0) {
    throw new Conflict('restore.not_empty', `${home} is not empty. Restore into a new folder, or move that one away.`);
  }
  const { takenAt } = await verifiedManifest(from);
  await mkdir(home, { recursive: true, mode: 0o755 });
  await copyTree(join(from, 'data'), home);
  const { folder, uid } = await findPlace(home);
  await rm(folder, { recursive: true, force: true });
  await copyTree(join(from, 'postgres'), folder);
  await chmod(folder, 0o700);
  if (uid !== undefined) await giveTo(uid, folder);
  return { takenAt };
}

async function giveTo(uid: number, folder: string): Promise<void> {
  await chown(folder, uid, uid);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chown(join(entry.parentPath, entry.name), uid, uid);
  }
}
