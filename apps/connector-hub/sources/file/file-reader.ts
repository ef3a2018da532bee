import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { durationMs } from '#libs/documents/duration';
import { FilePull, FileSource } from '#libs/documents/sources/file';
import { EgressGuard } from '#libs/egress/egress-guard';
import { withinLimit } from '../messages/message-record';
import { rawJsonParts } from '../record-parts';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { Bucket } from './bucket';
import { FilePlace, FoundFile } from './file-place';
import { fileRows } from './file-rows';
import { Folder } from './folder';
import { globMatcher } from './glob';
import { linesPart, withPlace } from './row-records';

const SETTLE = '5s';

export interface FileState {
  /** What the rest belongs to: another place or another way to read it begins anew. */
  readonly identity?: string;
  /** Digests of the files that were read to their end and are still there. */
  readonly read?: readonly string[];
  /** The file that is being read: how many of its rows were taken in. */
  readonly open?: { readonly file: string; readonly etag: string; readonly rows: number };
}

/**
 * Reads files in the order of their names, each once; one that changed is another file, and is read from its beginning. A
 * pull goes on at the row at which it was interrupted.
 */
@Injectable()
export class FileReader extends SourceReader<'file', FileState> {
  constructor(
    private readonly guard: EgressGuard,
    private readonly config: ChartlyConfig,
    private readonly clock: Clock,
  ) {
    super();
  }

  async *read({
    source: { file },
    state,
    signal,
  }: ReadRequest<FilePull, FileState>): AsyncGenerator<SourcePage<FileState>, ReadEnd> {
    const place = await this.placeOf(file, signal);
    try {
      const files = await place.list();
      const there = new Set(files.map(digestOf));
      const identity = identityOf(file);
      const begun = state.identity === identity ? state : {};
      let read = (begun.read ?? []).filter((digest) => there.has(digest));
      const isOpen = ({ name, etag }: FoundFile): boolean => begun.open?.file === name && begun.open.etag === etag;
      for (const found of [...files.filter(isOpen), ...files.filter((one) => !isOpen(one))]) {
        const digest = digestOf(found);
        if (read.includes(digest)) continue;
        const from = isOpen(found) ? (begun.open?.rows ?? 0) : 0;
        const done = { identity, read: [...read, digest] };
        const whole = yield* pagesOf(place, file, found, from, { identity, read }, done);
        signal.throwIfAborted();
        if (whole) ({ read } = done);
      }
      return { done: true };
    } finally {
      await place.close();
    }
  }

  positionOf({ read = [], open }: Partial<FileState>): string | undefined {
    if (open) return `${open.file}, row ${open.rows}`;
    return read.length === 0 ? undefined : `${read.length} files`;
  }

  private placeOf(file: FileSource, signal: AbortSignal): Promise<FilePlace> {
    const matches = globMatcher(file.files);
    if (!file.url.startsWith('file:')) {
      const scratch = join(this.config.dataDir, 'tmp', 'sources');
      return Bucket.open(file, { guard: this.guard, matches, scratch, signal });
    }
    const changedBefore = this.clock.now().getTime() - durationMs(file.settle ?? SETTLE);
    return Folder.open(fileURLToPath(file.url), this.config.fileFolders, { matches, changedBefore });
  }
}

/** The pages of one file; the last of them is empty and says that it was read. Whether it could be opened. */
async function* pagesOf(
  place: FilePlace,
  source: FileSource,
  found: FoundFile,
  from: number,
  before: FileState,
  done: FileState,
): AsyncGenerator<SourcePage<FileState>, boolean> {
  const opened = await place.open(found);
  if (!opened) return false; // gone, or changed since: the next pull sees what is there then
  try {
    let rows = from;
    if (found.bytes > 0) {
      for await (const texts of fileRows(opened.path, source, { name: found.name, offset: rows })) {
        const records = texts.flatMap((text, at) => {
          if (text === null || text.trim() === '') return [];
          const record = source.placeAs ? withPlace(text, source.placeAs, { file: found.name, row: rows + at }) : text;
          return [withinLimit(Buffer.from(record), `Row ${rows + at} of "${found.name}"`)];
        });
        rows += texts.length;
        yield {
          parts: source.format === 'ndjson' ? linesPart(records) : rawJsonParts(records),
          count: records.length,
          bytes: records.reduce((sum, record) => sum + record.length, 0),
          state: { ...before, open: { file: found.name, etag: found.etag, rows } },
        };
      }
    }
    yield { parts: [], count: 0, bytes: 0, state: done };
    return true;
  } finally {
    await opened.close();
  }
}

/** Of name and content; 72 bits, so that 10,000 of them stay apart. */
const digestOf = ({ name, etag }: FoundFile): string =>
  createHash('sha256')
    .update(JSON.stringify([name, etag]))
    .digest('base64url')
    .slice(0, 12);

const identityOf = ({ url, format, delimiter = ',' }: FileSource): string => JSON.stringify([url, format, delimiter]);
