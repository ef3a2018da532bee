import { isNativeError } from 'node:util/types';
import { ChartlyError, Unavailable, Unprocessable } from '#libs/errors/errors';

/** What `problem` says of a file must go on "it cannot be read further:". */
export const fileMalformed = (name: string, problem: string, cause?: unknown): Unprocessable =>
  new Unprocessable(
    'pull.file_malformed',
    `"${name}" cannot be read further: ${problem}. Mend it, or move it away; nothing behind it is taken before.`,
    { cause },
  );

/** How a file or folder is not there any more, or is another: removed, moved, or a link in its place. */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
const DENIED = new Set(['EACCES', 'EPERM']);

/**
 * What `work` gives, undefined when the file or folder called `name` is gone. Throws Unprocessable `pull.file_unreadable`
 * when it may not be read, and Unavailable `pull.failed` for any other trouble of the system with it.
 */
export async function unlessGone<T>(name: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (GONE.has(systemCodeOf(thrown) ?? '')) return undefined;
    throw ofSystem(name, thrown);
  }
}

/** An error of the system as one of the source; what is none stays as it is. */
export function ofSystem(name: string, thrown: unknown): unknown {
  const code = systemCodeOf(thrown);
  if (code === undefined) return thrown;
  if (!DENIED.has(code)) {
    const message = `"${name}" cannot be read now (${code}). Look at the disk or the mount that it is on.`;
    return new Unavailable('pull.failed', message, { cause: thrown });
  }
  return new Unprocessable(
    'pull.file_unreadable',
    `"${name}" may not be read (${code}). Let the user that Chartly runs as read it, or leave it out by \`files\`.`,
    { cause: thrown },
  );
}

/** Of what the file system says: `EACCES`. */
function systemCodeOf(thrown: unknown): string | undefined {
  if (thrown instanceof ChartlyError || !isNativeError(thrown)) return undefined;
  return 'code' in thrown && 'syscall' in thrown ? String(thrown.code) : undefined;
}
