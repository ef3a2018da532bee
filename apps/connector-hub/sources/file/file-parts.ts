import { isNativeError } from 'node:util/types';
import { FileSource } from '#libs/documents/sources/file';
import { ChartlyError } from '#libs/errors/errors';
import { csvColumns } from '#libs/framing/csv';
import { rawJsonParts } from '../record-parts';
import { RecordPart } from '../source-reader';
import { csvCutter } from './cut-csv';
import { ElementsCutter } from './cut-elements';
import { LINES } from './cut-lines';
import { Cutter, slicesOf } from './cut-slices';
import { bytesOf, FileContent } from './file-content';
import { fileMalformed, ofSystem } from './file-errors';
import { FileOffset, FileRow, FileSlice, START } from './file-slice';
import { parquetSlices } from './parquet-slices';
import { csvObjects, csvPart, linesPart, Place, withPlaces } from './row-parts';

export interface FileParts {
  readonly parts: readonly RecordPart[];
  readonly count: number;
  /** Of the records. */
  readonly bytes: number;
  readonly reached: FileOffset;
}

/**
 * The records of a file from an offset on, some at a time; memory does not grow with the file. Throws Unprocessable
 * `pull.file_malformed` and `pull.record_too_large`, with the file's name and the row.
 */
export async function* filePartsOf(
  content: FileContent,
  source: FileSource,
  { name, from }: Reading,
): AsyncGenerator<FileParts> {
  try {
    yield* partsByFormat(content, source, { name, from });
  } catch (thrown) {
    if (isOfGzip(thrown)) throw fileMalformed(name, `its gzip does not inflate (${thrown.message})`, thrown);
    throw ofSystem(name, thrown);
  }
}

interface Reading {
  /** The file, for errors. */
  readonly name: string;
  readonly from: FileOffset;
}

function partsByFormat(content: FileContent, source: FileSource, { name, from }: Reading): AsyncGenerator<FileParts> {
  const place = source.placeAs === undefined ? undefined : { member: source.placeAs, file: name };
  const cut = (cutter: Cutter): AsyncGenerator<FileSlice> =>
    slicesOf(bytesOf(content, from.bytes), cutter, { from, name });
  switch (source.format) {
    case 'csv':
      return csvParts(content, source, { name, from, place });
    case 'ndjson':
      return partsOf(cut(LINES), (rows) => linesPart(withPlaces(rows, place)));
    case 'json': {
      const elements = new ElementsCutter(from.rows > 0 ? 'comma' : 'text');
      return partsOf(cut(elements), (rows) => rawJsonParts(withPlaces(rows, place)));
    }
    case 'parquet': {
      const slices = parquetSlices(content.path, { from, name });
      return partsOf(slices, (rows) => rawJsonParts(withPlaces(rows, place)));
    }
  }
}

/** Rows stay as they came where a body of csv can hold them: with commas, and nothing to add. */
async function* csvParts(
  content: FileContent,
  { delimiter: written = ',' }: FileSource,
  { name, from, place }: Reading & { readonly place: Place | undefined },
): AsyncGenerator<FileParts> {
  const delimiter = written.charCodeAt(0);
  const header = await headerOf(content, delimiter, name);
  if (!header) return;
  const columns = columnsOf(header.text, delimiter, name);
  const isPlain = written === ',' && !place;
  const slices = slicesOf(bytesOf(content, from.bytes), csvCutter(delimiter), { from, name });
  yield* partsOf(below(header, slices), (rows) =>
    isPlain ? csvPart(header.text, rows) : rawJsonParts(csvObjects(rows, { columns, delimiter, place })),
  );
}

async function* below({ row: first }: FileRow, slices: AsyncIterable<FileSlice>): AsyncGenerator<FileSlice> {
  for await (const { rows, reached } of slices) yield { rows: rows.filter(({ row }) => row > first), reached };
}

async function headerOf(content: FileContent, delimiter: number, name: string): Promise<FileRow | undefined> {
  for await (const { rows } of slicesOf(bytesOf(content), csvCutter(delimiter), { from: START, name })) {
    if (rows[0]) return rows[0];
  }
  return undefined;
}

function columnsOf(header: Buffer, delimiter: number, name: string): readonly string[] {
  try {
    return csvColumns(header, delimiter);
  } catch (thrown) {
    if (!(thrown instanceof ChartlyError)) throw thrown;
    throw fileMalformed(name, thrown.message.replace(/\. Nothing was taken\.$/, ''), thrown);
  }
}

async function* partsOf(
  slices: AsyncIterable<FileSlice>,
  partsOfRows: (rows: readonly FileRow[]) => RecordPart[],
): AsyncGenerator<FileParts> {
  for await (const { rows, reached } of slices) {
    yield {
      parts: partsOfRows(rows),
      count: rows.length,
      bytes: rows.reduce((sum, { text }) => sum + text.length, 0),
      reached,
    };
  }
}

const isOfGzip = (thrown: unknown): thrown is Error =>
  isNativeError(thrown) && 'code' in thrown && String(thrown.code).startsWith('Z_');
