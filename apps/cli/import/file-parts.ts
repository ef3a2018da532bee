import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ImportFormat } from '#libs/contracts/imports';
import { CommandFailed } from '../failure';

/** A request takes so much; a server may be told to take less than 10 MiB, and then says so. */
const PART_BYTES = 4 * 2 ** 20;
const DIGEST_CHARACTERS = 32;

/** A piece of a file that is imported by itself; the same file always gives the same pieces under the same ids. */
export interface FilePart {
  readonly id: string;
  readonly format: ImportFormat;
  readonly body: Uint8Array<ArrayBuffer>;
  /** From 1. */
  readonly number: number;
  readonly of: number;
}

/** The pieces of a file: a small one as it is, a large one cut between rows. Throws CommandFailed. */
export async function* filePartsOf(file: string, format: ImportFormat, name?: string): AsyncGenerator<FilePart> {
  const { size } = await stat(file).catch(() => {
    throw new CommandFailed(`There is no file ${file}.`, 2);
  });
  const id = name ?? (await digestOfFile(file)).slice(0, DIGEST_CHARACTERS);
  if (size <= PART_BYTES) yield { id, format, body: Uint8Array.from(await readFile(file)), number: 1, of: 1 };
  else if (format === 'ndjson') yield* linesOf(file, id, Math.ceil(size / PART_BYTES));
  else yield* rowsOf(file, id, format, Math.ceil(size / PART_BYTES));
}

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer); // a stream of bytes
  return hash.digest('hex');
}

async function* linesOf(file: string, id: string, of: number): AsyncGenerator<FilePart> {
  let held = Buffer.alloc(0);
  let number = 0;
  const part = (body: Buffer): FilePart => {
    number += 1;
    return { id: `${id}.${number}`, format: 'ndjson', body: Uint8Array.from(body), number, of: Math.max(of, number) };
  };
  for await (const piece of createReadStream(file, { highWaterMark: PART_BYTES })) {
    held = Buffer.concat([held, piece as Buffer]); // a stream of bytes
    const end = held.lastIndexOf('\n') + 1;
    if (held.length < PART_BYTES || end === 0) continue;
    yield part(held.subarray(0, end));
    held = held.subarray(end);
  }
  if (held.length > 0) yield part(held);
}

/** Cuts by rows with DuckDB, which loads only here: what is sent are small Parquet files, CSV's with texts alone. */
async function* rowsOf(file: string, id: string, format: 'csv' | 'parquet', pieces: number): AsyncGenerator<FilePart> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const folder = await mkdtemp(join(tmpdir(), 'chartly-import-'));
  const instance = await DuckDBInstance.create(join(folder, 'rows.duckdb'), { threads: '1', memory_limit: '512MiB' });
  const duck = await instance.connect();
  try {
    const path = quoted(resolve(file));
    // A first line that is no header is an error; left to itself the engine skips it, and takes a row for the header.
    const csv = `read_csv(${path}, all_varchar = true, header = true, skip = 0, delim = ',', quote = '"', escape = '"')`;
    await duck.run(`CREATE TABLE rows AS SELECT * FROM ${format === 'csv' ? csv : `read_parquet(${path})`}`);
    const [[count] = []] = (await duck.runAndReadAll('SELECT count(*) FROM rows')).getRows();
    const each = Math.max(1, Math.ceil(Number(count ?? 0) / pieces));
    for (let number = 1; (number - 1) * each < Number(count); number += 1) {
      const part = join(folder, 'part.parquet');
      const from = (number - 1) * each;
      await duck.run(
        `COPY (SELECT * FROM rows WHERE rowid >= ${from} AND rowid < ${from + each} ORDER BY rowid) TO ${quoted(part)} (FORMAT parquet)`,
      );
      const body = Uint8Array.from(await readFile(part));
      yield { id: `${id}.${number}`, format: 'parquet', body, number, of: pieces };
    }
  } catch (thrown) {
    if (thrown instanceof CommandFailed) throw thrown;
    throw new CommandFailed(`Cannot read ${file}: ${thrown instanceof Error ? thrown.message.split('\n')[0] : ''}`);
  } finally {
    duck.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
