import { createHash } from 'node:crypto';
import { FileSource } from '#libs/documents/sources/file';
import { FoundFile } from './file-place';
import { FileOffset } from './file-slice';

/** A file that was read to its end. */
export interface ReadFile {
  /** Of its etag. */
  readonly digest: string;
  /** How far it was read, where more can come behind that. */
  readonly end?: FileOffset & {
    /** Of the first `bytes` of the file. */
    readonly digest: string;
  };
}

export interface FileState {
  /** What the rest belongs to: another place or another way to read it begins anew. */
  readonly identity?: string;
  /** What was read to its end and is still there, by the digest of its name. */
  readonly read?: Readonly<Record<string, ReadFile>>;
  /** The file that is being read, and how far. */
  readonly open?: FileOffset & { readonly file: string; readonly digest: string };
}

export const identityOf = ({ url, format, delimiter = ',' }: FileSource): string =>
  JSON.stringify([url, format, delimiter]);

/** 72 bits, so that 10,000 of them stay apart. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 12);

/** What a source has, and what of it was read: changed in place while it is read, and told as a state. */
export class ReadFiles {
  private readonly read: Map<string, ReadFile>;
  private open: FileState['open'];

  /** `state` as far as it is of this `source`, and of files that are still there. */
  constructor(
    private readonly source: FileSource,
    state: FileState,
    there: readonly FoundFile[],
  ) {
    const known = state.identity === identityOf(source) ? state : {};
    const read = Object.entries(known.read ?? {});
    const names = new Set(there.map(({ name }) => digestOf(name)));
    this.read = new Map(read.filter(([name]) => names.has(name)));
    this.open = known.open;
  }

  get state(): FileState {
    const { open, source } = this;
    return { identity: identityOf(source), read: Object.fromEntries(this.read), ...(open ? { open } : {}) };
  }

  isRead({ name, etag }: FoundFile): boolean {
    return this.read.get(digestOf(name))?.digest === digestOf(etag);
  }

  /** What of it was read before it changed. */
  before({ name }: FoundFile): ReadFile | undefined {
    return this.read.get(digestOf(name));
  }

  isOpen({ name, etag }: FoundFile): boolean {
    return this.open?.file === name && this.open.digest === digestOf(etag);
  }

  /** How far the open file was read. */
  get reached(): FileOffset | undefined {
    return this.open && { rows: this.open.rows, bytes: this.open.bytes };
  }

  reach({ name, etag }: FoundFile, { rows, bytes }: FileOffset): void {
    this.open = { file: name, digest: digestOf(etag), rows, bytes };
  }

  finish({ name, etag }: FoundFile, end: ReadFile['end']): void {
    this.open = undefined;
    this.read.set(digestOf(name), { digest: digestOf(etag), ...(end ? { end } : {}) });
  }
}
