import { readFile, writeFile } from 'node:fs/promises';
import { Handover } from '#libs/audit-proof/key-chain';
import { KeptLeaf } from '#libs/audit-proof/verify-log';
import { Client } from './client';
import { CommandFailed } from './failure';

/** A log to be verified, as it is saved in a file. */
export interface SavedLog {
  readonly note: string;
  /** The server's own word for its key. */
  readonly publicKey?: string;
  /** The newest head that witnesses have cosigned. */
  readonly witnessed?: string;
  /** Where the log went over from one key to the next. */
  readonly handovers?: readonly Handover[];
  readonly leaves: readonly KeptLeaf[];
}

const PAGE = 1_000;

/**
 * The log as a server gives it. Entries may be sealed while it is read, and the entry that says so is behind the head that
 * was read before: so the head is read again behind the last of them.
 */
export async function downloadLog(client: Client): Promise<SavedLog> {
  const leaves: KeptLeaf[] = [];
  for (;;) {
    const { note, publicKey, witnessed, handovers, size } = await client.ask((api) => api.GET('/v1/audit/checkpoint'));
    const from = leaves.length;
    const isWhole = await readUpTo(client, size, leaves);
    if (isWhole && leaves.slice(from).some(isSealed)) continue;
    return { note, publicKey, witnessed, handovers, leaves }; // verification says how many are missing
  }
}

/** Reads on to `size` entries; gives whether there were as many. */
async function readUpTo(client: Client, size: number, leaves: KeptLeaf[]): Promise<boolean> {
  while (leaves.length < size) {
    const query = { from: leaves.length, limit: PAGE };
    const { entries } = await client.ask((api) => api.GET('/v1/audit/entries', { params: { query } }));
    const next = entries[0]?.index ?? size;
    while (leaves.length < next) {
      const gap = { from: leaves.length, limit: Math.min(PAGE, next - leaves.length) };
      const { hashes } = await client.ask((api) => api.GET('/v1/audit/hashes', { params: { query: gap } }));
      if (hashes.length === 0) return false;
      leaves.push(...hashes.map((hash) => ({ hash })));
    }
    leaves.push(...entries.map(({ leaf }) => leaf));
  }
  return true;
}

const isSealed = (leaf: KeptLeaf): boolean => typeof leaf !== 'string';

export const saveBundle = (file: string, log: SavedLog): Promise<void> => writeFile(file, JSON.stringify(log));

export async function readBundle(file: string): Promise<SavedLog> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SavedLog; // wrong shapes fail the verification
  } catch {
    throw new CommandFailed(`Cannot read a saved log from ${file}.`, 2);
  }
}
