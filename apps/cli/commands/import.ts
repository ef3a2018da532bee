import { Command, Option } from 'commander';
import { extname } from 'node:path';
import { IMPORT_FORMATS, ImportFormat } from '#libs/contracts/imports';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { filePartsOf } from '../import/file-parts';
import { print, say } from '../output';

interface ImportOptions extends RemoteOptions {
  readonly format?: ImportFormat;
  readonly id?: string;
}

const TYPES: Readonly<Record<ImportFormat, string>> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
};
const COUNTS = ['rows', 'stored', 'merged', 'stale', 'duplicate'] as const;

export function importCommand(program: Command): void {
  remote(
    program.command('import').description('store the rows of a file in a dataset; the same file again adds nothing'),
  )
    .argument('<dataset>')
    .argument('<file>', 'Parquet, CSV with a header row, or NDJSON; columns by the names of the dataset')
    .addOption(new Option('--format <format>', "default: the file's ending").choices(IMPORT_FORMATS))
    .option('--id <id>', 'names the import; default: the digest of the file')
    .action(async (dataset: string, file: string, options: ImportOptions) => {
      const format = options.format ?? formatOf(file);
      const client = clientOf(options);
      const sum = { rows: 0, stored: 0, merged: 0, stale: 0, duplicate: 0 };
      let isNew = false;
      for await (const part of filePartsOf(file, format, options.id)) {
        const receipt = await client.ask((api) =>
          api.POST('/v1/projects/{project}/datasets/{dataset}/import', {
            params: { ...inProject(options, { dataset }), query: { id: part.id } },
            body: part.body,
            headers: { 'content-type': TYPES[part.format] },
          }),
        );
        for (const name of COUNTS) sum[name] += receipt[name];
        isNew ||= !receipt.repeated;
        if (part.of > 1) say(`part ${part.number} of ${part.of}: ${receipt.stored} of ${receipt.rows} rows stored`);
      }
      print(options.output, { ...sum, repeated: !isNew }, { columns: COUNTS, rows: [COUNTS.map((name) => sum[name])] });
      if (!isNew) say('This file was imported before; nothing was added.');
    });
}

function formatOf(file: string): ImportFormat {
  const ending = extname(file).slice(1).toLowerCase();
  const format = IMPORT_FORMATS.find((one) => one === ending);
  if (format) return format;
  throw new CommandFailed(
    `The name of ${file} does not tell its format. Say --format ${IMPORT_FORMATS.join(' or ')}.`,
    2,
  );
}
