/** What a shell says of a command that SIGPIPE ended: 128 + 13. */
const READER_GONE = 141;

/**
 * Ends the command without a word when nobody reads its output any more, as in `chartly export ... | head`: Node ignores
 * SIGPIPE, which would do it, and reports an error of the stream instead.
 */
export function endWhenNobodyReads(): void {
  process.stdout.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code !== 'EPIPE') throw err;
    process.exit(READER_GONE);
  });
}
