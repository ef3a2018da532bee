import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundlePath, readBundle as leavesOf, TILE_WIDTH, widthOf } from '#libs/audit-proof/tiles';
import { Checkpoint, EntryPage } from '#libs/contracts/audit.contract';
import { Client } from './client';
import { CommandFailed } from './failure';

/** A log to be verified, wherever it comes from. */
export interface SavedLog {
  readonly note: string;
  /** The server's own word for its key; a mirror says none. */
  readonly publicKey?: string;
  /** The newest head that witnesses have cosigned. */
  readonly witnessed?: string;
  readonly leaves: AsyncIterable<string | Uint8Array> | readonly string[];
}

const PAGE = 1_000;

/** The log as a server gives it. */
export async function downloadLog(client: Client): Promise<SavedLog & { readonly leaves: readonly string[] }> {
  const { note, publicKey, witnessed, size } = await client.call<Checkpoint>('/v1/audit/checkpoint');
  const leaves: string[] = [];
  while (leaves.length < size) {
    const query = { from: leaves.length, limit: PAGE };
    const { entries } = await client.call<EntryPage>('/v1/audit/entries', { query });
    if (entries.length === 0) break; // verification says how many are missing
    leaves.push(...entries.map(({ leaf }) => leaf));
  }
  return { note, publicKey, witnessed, leaves };
}

/** The log as static files (C2SP tlog-tiles), in a folder or at a URL. */
export async function mirroredLog(place: string): Promise<SavedLog> {
  const note = (await readPart(place, 'checkpoint')).toString('utf8');
  return { note, leaves: mirroredLeaves(place, Number(note.split('\n')[1])) };
}

async function* mirroredLeaves(place: string, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const width = widthOf(0, index, size);
    const bundle = await readPart(place, bundlePath({ index, width })).catch((thrown: unknown) => {
      if (width === TILE_WIDTH) throw thrown;
      return readPart(place, bundlePath({ index, width: TILE_WIDTH })); // it has grown full since
    });
    yield* leavesOf(bundle).slice(0, width);
  }
}

async function readPart(place: string, path: string): Promise<Buffer> {
  try {
    if (!/^https?:/.test(place)) return await readFile(join(place, path));
    const answer = await fetch(`${place.replace(/\/$/, '')}/${path}`, { redirect: 'error' });
    if (answer.ok) return Buffer.from(await answer.arrayBuffer());
    throw new Error(`answered ${answer.status}`);
  } catch (thrown) {
    throw new CommandFailed(`Cannot read ${path} of ${place}: ${thrown instanceof Error ? thrown.message : ''}.`);
  }
}

export async function saveBundle(file: string, { leaves, ...log }: SavedLog): Promise<void> {
  if (!Array.isArray(leaves)) throw new CommandFailed('A mirrored log is saved by copying its files.', 2);
  await writeFile(file, JSON.stringify({ ...log, leaves: leaves as readonly string[] }));
}

export async function readBundle(file: string): Promise<SavedLog> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SavedLog; // wrong shapes fail the verification
  } catch {
    throw new CommandFailed(`Cannot read a saved log from ${file}.`, 2);
  }
}
