import { constants, Dirent } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Forbidden, Unprocessable } from '#libs/errors/errors';
import { unlessGone } from './file-errors';
import { FilePlace, FILES_MAX, FoundFile, inOrder, OpenFile, tooManyFiles } from './file-place';

/** Files and folders that one look at a folder goes through. */
const ENTRIES_MAX = 200_000;

interface FolderOptions {
  readonly matches: (path: string) => boolean;
  /** Whether anything in a folder, or below it, can match. */
  readonly mayHold: (folder: string) => boolean;
  /** Files that changed later than this are settling. Milliseconds since 1970. */
  readonly changedBefore: number;
}

/**
 * A folder of this machine, within one that the operator allows. Links are not followed, neither in the way to a file nor
 * as one; names that begin with a dot are files that somebody is still writing.
 */
export class Folder implements FilePlace {
  private constructor(
    private readonly root: string,
    private readonly options: FolderOptions,
  ) {}

  /** Throws Forbidden `pull.folder_refused`, Unprocessable `pull.refused` when it is not there, and as {@link unlessGone}. */
  static async open(path: string, allowed: readonly string[], options: FolderOptions): Promise<Folder> {
    const roots = await Promise.all(allowed.map((folder) => unlessGone(folder, realpath(folder))));
    const root = await unlessGone(path, realpath(path));
    const named = allowed.some((folder) => isWithin(join(path), join(folder)));
    if (root === undefined && named) throw new Unprocessable('pull.refused', `There is no folder ${path}.`);
    if (root === undefined || !roots.some((folder) => folder !== undefined && isWithin(root, folder))) {
      throw new Forbidden(
        'pull.folder_refused',
        `Pipelines may not read ${path}. The operator can allow a folder with CHARTLY_FILE_FOLDERS.`,
      );
    }
    return new Folder(root, options);
  }

  /** A file or folder that is there and cannot be read fails the whole: what is in it would be missing in silence. */
  async list(): Promise<readonly FoundFile[]> {
    const found: FoundFile[] = [];
    for await (const name of this.walk()) {
      if (!this.options.matches(name)) continue;
      const stats = await unlessGone(name, lstat(join(this.root, name), { bigint: true }));
      if (!stats?.isFile()) continue;
      if (found.length === FILES_MAX) throw tooManyFiles();
      const isSettling = Number(stats.mtimeMs) > this.options.changedBefore;
      found.push({ name, bytes: Number(stats.size), etag: etagOf(stats), isSettling });
    }
    return inOrder(found);
  }

  async open({ name, etag }: FoundFile): Promise<OpenFile | undefined> {
    const path = join(this.root, name);
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await unlessGone(name, open(path, flags));
    if (!handle) return undefined;
    // Where the system says which file was opened, nobody can put another in its place meanwhile.
    const opened = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path;
    const [stats, real] = await Promise.all([handle.stat({ bigint: true }), unlessGone(name, realpath(opened))]);
    if (!stats.isFile() || etagOf(stats) !== etag || real !== path) {
      await handle.close();
      return undefined;
    }
    return {
      path: opened,
      isUnchanged: async () => etagOf(await handle.stat({ bigint: true })) === etag,
      close: () => handle.close(),
    };
  }

  async close(): Promise<void> {
    // Nothing is held.
  }

  private async *walk(): AsyncGenerator<string> {
    let seen = 0;
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const entry of await this.entriesOf(folder)) {
        if ((seen += 1) > ENTRIES_MAX) throw tooManyFiles();
        const name = folder + entry.name;
        if (entry.isFile()) yield name;
        else if (entry.isDirectory() && this.options.mayHold(name)) folders.push(`${name}/`);
      }
    }
  }

  /** Those of a folder that nobody hides; none when it is gone. */
  private async entriesOf(folder: string): Promise<Dirent[]> {
    const path = join(this.root, folder);
    const entries = await unlessGone(folder === '' ? path : folder, readdir(path, { withFileTypes: true }));
    return entries?.filter(({ name }) => !name.startsWith('.')) ?? [];
  }
}

const isWithin = (path: string, folder: string): boolean =>
  `${path}${sep}`.startsWith(folder === sep ? sep : `${folder}${sep}`);

const etagOf = (stats: { readonly size: bigint; readonly mtimeNs: bigint; readonly ino: bigint }): string =>
  `${stats.ino}-${stats.size}-${stats.mtimeNs}`;
