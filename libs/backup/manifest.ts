import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Unprocessable } from '#libs/errors/errors';

const FILE = 'manifest.json';
const FORMAT = 1;

/** What a backup holds: every file with its digest, so that a damaged or incomplete one is told before it is used. */
interface Manifest {
  readonly format: number;
  /** When the backup was consistent, as RFC 3339 UTC. */
  readonly takenAt: string;
  /** Path below the backup's folder -> SHA-256, hexadecimal. */
  readonly files: Readonly<Record<string, string>>;
}

/** Writes the manifest last: a folder without one is no backup. */
export async function writeManifest(folder: string, takenAt: string): Promise<void> {
  const manifest: Manifest = { format: FORMAT, takenAt, files: await digestsOf(folder) };
  await writeFile(join(folder, `${FILE}.new`), JSON.stringify(manifest, undefined, 2), { mode: 0o600 });
  await rename(join(folder, `${FILE}.new`), join(folder, FILE));
}

/** Throws Unprocessable `backup.none` or `backup.damaged` that names the first file that is not as it was. */
export async function verifiedManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new Unprocessable('backup.none', `${folder} holds no whole backup: it has no ${FILE}.`);
  }
  const manifest = JSON.parse(text) as Manifest; // written by us
  if (manifest.format !== FORMAT) {
    throw new Unprocessable(
      'backup.format',
      `${folder} is of format ${manifest.format}; this Chartly reads ${FORMAT}.`,
    );
  }
  const there = await digestsOf(folder);
  for (const path of new Set([...Object.keys(manifest.files), ...Object.keys(there)])) {
    if (manifest.files[path] === there[path]) continue;
    const what = there[path] === undefined ? 'is missing' : 'is not what was backed up';
    throw new Unprocessable('backup.damaged', `${join(folder, path)} ${what}. Use another backup.`);
  }
  return manifest;
}

async function digestsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (path === FILE || path === `${FILE}.new`) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, path)), hash);
    files[path] = hash.digest('hex');
  }
  return files;
}
