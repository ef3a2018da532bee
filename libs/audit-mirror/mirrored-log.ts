import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Handover } from '#libs/audit-proof/key-chain';
import { hashAt, readBundle, bundlePath, TILE_WIDTH, tilePath, widthOf } from '#libs/audit-proof/tiles';
import { HASH_BYTES } from '#libs/audit-proof/merkle';
import { Unavailable } from '#libs/errors/errors';

/** A log as static files (C2SP tlog-tiles), in a folder or at a URL. */
export interface MirroredLog {
  readonly place: string;
  readonly note: string;
  readonly size: number;
  readonly handovers: readonly Handover[];
}

/** Entries of a bundle: their bytes, or their hashes alone where these were sealed. */
export type MirroredEntries =
  | { readonly kind: 'leaves'; readonly leaves: readonly Buffer[] }
  | { readonly kind: 'sealed'; readonly hashes: Buffer };

export async function mirroredLog(place: string): Promise<MirroredLog> {
  const note = (await requirePart(place, 'checkpoint')).toString('utf8');
  const size = Number(note.split('\n')[1]);
  if (!Number.isSafeInteger(size))
    throw new Unavailable('audit.mirror', `The checkpoint of ${place} is none of a log.`);
  const handovers = await readPart(place, 'handovers.json');
  return { place, note, size, handovers: handovers ? readHandovers(place, handovers) : [] };
}

/** The entries of bundle `index` in a log of `size`. A bundle that is gone is sealed when its tile of hashes is there. */
export async function mirroredEntries(place: string, index: number, size: number): Promise<MirroredEntries> {
  const width = widthOf(0, index, size);
  const bundle =
    (await readPart(place, bundlePath({ index, width }))) ??
    (width < TILE_WIDTH ? await readPart(place, bundlePath({ index, width: TILE_WIDTH })) : undefined); // grown full since
  if (bundle) return { kind: 'leaves', leaves: leavesOf(place, index, bundle).slice(0, width) };
  if (width < TILE_WIDTH)
    throw new Unavailable('audit.mirror', `Cannot find ${bundlePath({ index, width })} of ${place}.`);
  const hashes = await requirePart(place, tilePath({ level: 0, index, width }));
  if (hashes.length !== width * HASH_BYTES)
    throw new Unavailable('audit.mirror', `Tile 0/${index} of ${place} is not whole.`);
  return { kind: 'sealed', hashes };
}

export const hashesIn = (hashes: Buffer): Buffer[] =>
  Array.from({ length: hashes.length / HASH_BYTES }, (_, at) => hashAt(hashes, at));

function leavesOf(place: string, index: number, bundle: Buffer): Buffer[] {
  try {
    return readBundle(bundle);
  } catch {
    throw new Unavailable('audit.mirror', `Bundle ${index} of ${place} ends in the middle of an entry.`);
  }
}

function readHandovers(place: string, bytes: Buffer): Handover[] {
  try {
    return JSON.parse(bytes.toString('utf8')) as Handover[]; // wrong shapes fail the verification
  } catch {
    throw new Unavailable('audit.mirror', `handovers.json of ${place} is no JSON.`);
  }
}

async function requirePart(place: string, path: string): Promise<Buffer> {
  const part = await readPart(place, path);
  if (part) return part;
  throw new Unavailable('audit.mirror', `Cannot find ${path} of ${place}.`);
}

/** The bytes of a file; undefined when it is not there. */
async function readPart(place: string, path: string): Promise<Buffer | undefined> {
  try {
    if (!/^https?:/.test(place)) return await readFile(join(place, path));
    const answer = await fetch(`${place.replace(/\/$/, '')}/${path}`, { redirect: 'error' });
    if (answer.ok) return Buffer.from(await answer.arrayBuffer());
    await answer.body?.cancel();
    if (answer.status === 404) return undefined;
    throw new Error(`it answered ${answer.status}`);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Unavailable(
      'audit.mirror',
      `Cannot read ${path} of ${place}: ${thrown instanceof Error ? thrown.message : ''}.`,
    );
  }
}
