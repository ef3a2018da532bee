import { Injectable, OnModuleInit } from '@nestjs/common';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { durationMs } from '#libs/documents/duration';
import { FilePull, FileSource } from '#libs/documents/sources/file';
import { EgressGuard } from '#libs/egress/egress-guard';
import { ReadEnd, ReadRequest, SourcePage, SourceReader } from '../source-reader';
import { Bucket } from './bucket';
import { DraftPage } from './draft-page';
import { prefixOf } from './file-content';
import { filePartsOf, FileParts } from './file-parts';
import { FilePlace, FoundFile, OpenFile } from './file-place';
import { FileOffset, START } from './file-slice';
import { FileState, ReadFile, ReadFiles } from './file-state';
import { Folder } from './folder';
import { folderMatcher, globMatcher } from './glob';

const SETTLE = '5s';
/** A larger file that grew is read anew: to know that it only grew, all that was read of it is read again. */
const GROWN_MAX_BYTES = 256 * 2 ** 20;
const LF = 0x0a;

/**
 * Reads files in the order of their names, each once; one that changed is another file, and is read from its beginning,
 * unless it is lines of a text that only grew. A pull goes on at the row at which it was interrupted.
 */
@Injectable()
export class FileReader extends SourceReader<'file', FileState> implements OnModuleInit {
  constructor(
    private readonly guard: EgressGuard,
    private readonly config: ChartlyConfig,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** What a process that was killed had fetched. */
  async onModuleInit(): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true });
  }

  async *read({
    source: { file },
    state,
    signal,
  }: ReadRequest<FilePull, FileState>): AsyncGenerator<SourcePage<FileState>, ReadEnd> {
    const place = await this.placeOf(file, signal);
    try {
      const there = await place.list();
      const files = new ReadFiles(file, state, there);
      let draft = new DraftPage();
      const isOpen = (found: FoundFile): boolean => files.isOpen(found);
      for (const found of [...there.filter(isOpen), ...there.filter((one) => !isOpen(one))]) {
        if (found.isSettling || files.isRead(found)) continue;
        for await (const { parts, count, bytes } of newOf(place, file, found, files)) {
          signal.throwIfAborted();
          draft.add(parts, count, bytes);
          if (!draft.isFull) continue;
          yield draft.page(files.state);
          draft = new DraftPage();
        }
      }
      if (!draft.isEmpty) yield draft.page(files.state);
      return { done: true };
    } finally {
      await place.close();
    }
  }

  positionOf({ read = {}, open }: Partial<FileState>): string | undefined {
    if (open) return `${open.file}, row ${open.rows}`;
    const count = Object.keys(read).length;
    return count === 0 ? undefined : `${count} files`;
  }

  private placeOf(file: FileSource, signal: AbortSignal): Promise<FilePlace> {
    const matches = globMatcher(file.files);
    if (!file.url.startsWith('file:')) {
      return Bucket.open(file, { guard: this.guard, matches, scratch: this.scratch, signal });
    }
    const changedBefore = this.clock.now().getTime() - durationMs(file.settle ?? SETTLE);
    return Folder.open(fileURLToPath(file.url), this.config.fileFolders, {
      matches,
      mayHold: folderMatcher(file.files),
      changedBefore,
    });
  }

  private get scratch(): string {
    return join(this.config.dataDir, 'tmp', 'sources');
  }
}

/** What a file has that was not read before. `files` knows how far it was read when each piece is given. */
async function* newOf(
  place: FilePlace,
  source: FileSource,
  found: FoundFile,
  files: ReadFiles,
): AsyncGenerator<FileParts> {
  const opened = await place.open(found);
  if (!opened) return; // gone, or changed since: the next pull sees what is there then
  try {
    const { name } = found;
    const from = (files.isOpen(found) && files.reached) || (await grownFrom(opened, found, files.before(found)));
    const content = { path: opened.path, bytes: found.bytes, gzip: name.endsWith('.gz') };
    let held: FileParts = { parts: [], count: 0, bytes: 0, reached: from };
    if (found.bytes > 0) {
      for await (const next of filePartsOf(content, source, { name, from })) {
        if (held.count === 0 || next.count === 0) {
          held = { ...(held.count === 0 ? next : held), reached: next.reached };
          continue;
        }
        files.reach(found, held.reached);
        yield held;
        held = next;
      }
    }
    // One that changed under the reader is read anew, and no more of it is taken now.
    if (!(await opened.isUnchanged())) return;
    files.finish(found, await endOf(opened, source, found, held.reached));
    yield held;
  } finally {
    await opened.close();
  }
}

/** Where a file is read from that is not what was read: behind that, when it is still there and more came behind it. */
async function grownFrom({ path }: OpenFile, { bytes }: FoundFile, before: ReadFile | undefined): Promise<FileOffset> {
  const end = before?.end;
  if (!end || bytes < end.bytes || (await prefixOf(path, end.bytes)).digest !== end.digest) return START;
  return { rows: end.rows, bytes: end.bytes };
}

async function endOf(
  { path }: OpenFile,
  { format }: FileSource,
  { name, bytes }: FoundFile,
  reached: FileOffset,
): Promise<ReadFile['end']> {
  const canGrow = (format === 'csv' || format === 'ndjson') && !name.endsWith('.gz') && bytes <= GROWN_MAX_BYTES;
  if (!canGrow || bytes === 0 || reached.bytes !== bytes) return undefined;
  const { digest, last } = await prefixOf(path, bytes);
  return last === LF ? { ...reached, digest } : undefined;
}
