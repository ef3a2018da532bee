import { StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { ResultColumn, RowsPart } from '#libs/contracts/query-plan';
import { Internal } from '#libs/errors/errors';
import { EXPORT_FORMATS, ExportFormat } from '#libs/tabular/formats';
import { Rows } from '#libs/tabular/table';
import { currentCall, withCall } from '#libs/transport/call-context';

/**
 * Rows as a file that grows while it is read. The first part is waited for, so that what is wrong with the question is said
 * as a problem; what goes wrong after that breaks the answer off, which its reader can tell from its end. The time that a
 * request may take is the time to its first row: the rest takes as long as the reader does.
 */
export async function exportedAs(
  format: ExportFormat = 'ndjson',
  name: string,
  open: () => AsyncIterable<RowsPart>,
): Promise<StreamableFile> {
  const parts = withCall({ ...currentCall(), deadline: undefined }, open)[Symbol.asyncIterator]();
  const first = await parts.next();
  if (first.done) throw new Internal('export.empty', 'An export began with no part, and not even an empty one.');
  const { type, write } = EXPORT_FORMATS[format];
  const table = { columns: first.value.columns satisfies ResultColumn[], parts: rowsOf(first.value, parts) };
  return new StreamableFile(Readable.from(write(table), { objectMode: false }), {
    type,
    disposition: `attachment; filename="${name}.${format}"`,
  });
}

async function* rowsOf(first: RowsPart, rest: AsyncIterator<RowsPart>): AsyncGenerator<Rows> {
  try {
    yield first.rows;
    for (let step = await rest.next(); !step.done; step = await rest.next()) yield step.value.rows;
  } finally {
    await rest.return?.();
  }
}
