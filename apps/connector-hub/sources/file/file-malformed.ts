import { Unprocessable } from '#libs/errors/errors';

/** What `problem` says of a file must go on "it cannot be read further:". */
export const fileMalformed = (name: string, problem: string, cause?: unknown): Unprocessable =>
  new Unprocessable(
    'pull.file_malformed',
    `"${name}" cannot be read further: ${problem}. Mend it, or move it away; nothing behind it is taken before.`,
    { cause },
  );
