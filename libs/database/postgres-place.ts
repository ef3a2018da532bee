import { createHash } from 'node:crypto';
import { chown, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyOf, installedPostgres, reachableByOthers } from './postgres-binaries';

/** The user that Postgres runs as when we are root, as which it refuses to run: `nobody`. */
const NOBODY = 65_534;
const OUTSIDE = '/var/lib/chartly';
const POINTER = 'postgres-folder';

/** Where an embedded Postgres lives. */
export interface PostgresPlace {
  /** The folder of its data. Absolute. */
  readonly folder: string;
  /** The folder with its `bin`. */
  readonly native: string;
  /** The user and group that it runs as; undefined for our own. */
  readonly uid?: number;
}

/**
 * As an ordinary user Postgres lives in the data folder. As root it runs as nobody, who must reach both its binaries
 * and its data; where a folder above them is closed to others they live under /var/lib/chartly, and the data folder
 * keeps a file `postgres-folder` that names the place.
 */
export async function findPlace(dataDir: string): Promise<PostgresPlace> {
  const postgres = await installedPostgres();
  const home = await realpath(dataDir);
  const inside = join(home, 'postgres');
  if (process.getuid?.() !== 0) {
    const native = postgres.complete ? postgres.native : await copyOf(postgres, join(home, copyName(postgres.version)));
    return { folder: inside, native };
  }
  const outside = join(OUTSIDE, createHash('sha256').update(home).digest('hex').slice(0, 12));
  const mayStay = await reachableByOthers(home);
  const folder = mayStay ? inside : join(outside, 'postgres');
  if (!mayStay) await writeFile(join(home, POINTER), `${folder}\n`);
  await mkdir(dirname(folder), { recursive: true, mode: 0o755 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, NOBODY, NOBODY);
  const runsHere = postgres.complete && (await reachableByOthers(postgres.native));
  const native = runsHere ? postgres.native : await copyOf(postgres, join(OUTSIDE, copyName(postgres.version)));
  return { folder, native, uid: NOBODY };
}

const copyName = (version: string): string => `postgres-binaries-${version}`;
