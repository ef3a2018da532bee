import { createHash } from 'node:crypto';
import { DatasetDescription } from '#libs/contracts/dataset-rows';
import { ResultColumn, RowsPart } from '#libs/contracts/query-plan';
import { NotFound, Unprocessable } from '#libs/errors/errors';
import { ObjectStore } from '#libs/objects/object-store';
import { parquetOf } from '#libs/tabular/parquet';
import { Rows } from '#libs/tabular/table';
import { FileRecord, recordsOf } from '../imports/records';

/** A file ends when it has so much of either: a restore holds a file at a time. */
const FILE_ROWS = 50_000;
const FILE_BYTES = 32 * 2 ** 20;
const MANIFEST_MAX_BYTES = 16 * 2 ** 20;

interface ArchiveFile {
  readonly key: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What an archive holds; it is written last, so that an archive with one is whole. */
export interface Manifest {
  readonly archive: string;
  readonly dataset: DatasetDescription;
  /** RFC 3339; none where the range is open. */
  readonly from?: string;
  readonly to?: string;
  readonly takenAt: string;
  readonly rows: number;
  readonly files: readonly ArchiveFile[];
}

export interface ArchivePlace {
  readonly project: string;
  readonly dataset: string;
  readonly archive: string;
}

const homeOf = ({ project, dataset, archive }: ArchivePlace): string => `archives/${project}/${dataset}/${archive}`;

const manifestKey = (place: ArchivePlace): string => `${homeOf(place)}/manifest.json`;

/** Writes rows as Parquet objects of some 50,000 rows, fewer where rows are large; `progress` is told the rows so far after each. */
export async function writeFiles(
  objects: ObjectStore,
  place: ArchivePlace,
  parts: AsyncIterable<RowsPart>,
  progress: (rows: number) => Promise<void>,
  maxBytes = FILE_BYTES,
): Promise<readonly ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  const source = parts[Symbol.asyncIterator]();
  let rows = 0;
  try {
    for (let step = await source.next(); !step.done; step = await source.next()) {
      if (step.value.rows.length === 0) continue;
      const key = `${homeOf(place)}/${String(files.length + 1).padStart(6, '0')}.parquet`;
      const file = await writeFile(objects, key, step.value, source, maxBytes);
      files.push(file);
      rows += file.rows;
      await progress(rows);
    }
    return files;
  } finally {
    await source.return?.();
  }
}

async function writeFile(
  objects: ObjectStore,
  key: string,
  first: RowsPart,
  rest: AsyncIterator<RowsPart>,
  maxBytes: number,
): Promise<ArchiveFile> {
  const columns: readonly ResultColumn[] = first.columns;
  const hash = createHash('sha256');
  let [rows, bytes] = [0, 0];
  async function* some(): AsyncGenerator<Rows> {
    let part: Rows | undefined = first.rows;
    while (part) {
      rows += part.length;
      yield part;
      const step: IteratorResult<RowsPart> | undefined =
        rows < FILE_ROWS && bytes < maxBytes ? await rest.next() : undefined;
      part = step && !step.done ? step.value.rows : undefined;
    }
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of parquetOf({ columns, parts: some() })) {
      hash.update(piece);
      bytes += piece.byteLength;
      yield piece;
    }
  }
  await objects.put(key, hashed());
  return { key, rows, bytes, sha256: hash.digest('hex') };
}

export async function writeManifest(objects: ObjectStore, place: ArchivePlace, manifest: Manifest): Promise<void> {
  await objects.put(manifestKey(place), Buffer.from(JSON.stringify(manifest)));
}

/** Deletes all that an archive has. The manifest goes first: what is left of an archive without one is none. */
export async function removeObjects(objects: ObjectStore, place: ArchivePlace): Promise<void> {
  await objects.delete(manifestKey(place));
  for await (const { key } of objects.all(`${homeOf(place)}/`)) await objects.delete(key);
}

/** Throws NotFound `archive.unknown`. */
export async function readManifest(objects: ObjectStore, place: ArchivePlace): Promise<Manifest> {
  const bytes = await objects.read(manifestKey(place), { maxBytes: MANIFEST_MAX_BYTES }).catch((thrown: unknown) => {
    if (!(thrown instanceof NotFound)) throw thrown;
    throw new NotFound('archive.unknown', `There is no whole archive ${place.archive} of dataset "${place.dataset}".`);
  });
  return JSON.parse(bytes.toString()) as Manifest; // written above
}

/** The rows of a file. Throws Unprocessable `archive.damaged` when it is not what was written. */
export async function readFile(objects: ObjectStore, { key, rows, bytes, sha256 }: ArchiveFile): Promise<FileRecord[]> {
  const body = await objects.read(key, { maxBytes: bytes });
  const isSame = createHash('sha256').update(body).digest('hex') === sha256;
  const records = isSame ? await recordsOf('parquet', body) : [];
  if (isSame && records.length === rows) return records;
  throw new Unprocessable(
    'archive.damaged',
    `The file ${key} of the archive is not what was written. None of its rows were stored.`,
  );
}
