import { Unprocessable } from '#libs/errors/errors';

/** A file or an object that a source has. */
export interface FoundFile {
  /** Path below the source's place, with slashes between. */
  readonly name: string;
  readonly bytes: number;
  /** Changes whenever the file does. */
  readonly etag: string;
  /** Somebody may still write to it: it is left alone, and what was read of it is still known. */
  readonly isSettling?: boolean;
}

/** A file that can be read; its content does not go away before it is closed. */
export interface OpenFile {
  /** Where it stands on this machine. */
  readonly path: string;
  /** Whether it is still what was found. */
  isUnchanged(): Promise<boolean>;
  close(): Promise<void>;
}

/** Where files are: a folder of this machine, or a bucket. */
export interface FilePlace {
  /** Files that match, in the order of their names' bytes. Throws Unprocessable `pull.too_many_files`. */
  list(): Promise<readonly FoundFile[]>;
  /** Undefined when it is gone, or is another than was found. */
  open(file: FoundFile): Promise<OpenFile | undefined>;
  close(): Promise<void>;
}

/** Files that a source may have at once: what was read of them is kept in its checkpoint. */
export const FILES_MAX = 10_000;

export function inOrder(files: FoundFile[]): readonly FoundFile[] {
  return files.sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
}

export const tooManyFiles = (): Unprocessable =>
  new Unprocessable(
    'pull.too_many_files',
    `More than ${FILES_MAX} files match. Move away those that were read, or narrow \`files\`.`,
  );
