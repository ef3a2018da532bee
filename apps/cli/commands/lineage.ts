import { Command } from 'commander';
import { Schemas } from '#libs/client/client';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print } from '../output';

/** `chartly lineage`: from a stored row back to its raw record. */
export function lineageCommand(program: Command): void {
  remote(program.command('lineage').description('where a stored row came from: batch, raw record, version and steps'))
    .argument('<dataset>')
    .argument('<key...>', 'a value for each column of the key: id=abc')
    .option('--at <time>', 'only the row of this time (RFC 3339)')
    .option('--limit <n>', 'rows, the newest first', wholeNumber, 1)
    .action(async (dataset: string, pairs: string[], options: RemoteOptions & { at?: string; limit: number }) => {
      const query = { key: JSON.stringify(keyOf(pairs)), at: options.at, limit: options.limit };
      const params = { ...inProject(options, { dataset }), query };
      const { rows } = await clientOf(options).ask((api) =>
        api.GET('/v1/projects/{project}/datasets/{dataset}/lineage', { params }),
      );
      if (rows.length === 0) throw new CommandFailed(`There is no such row in "${dataset}".`);
      print(options.output, rows, () => rows.map(describe).join('\n\n'));
    });
}

function keyOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new CommandFailed(`"${pair}" is not a column with its value, like id=abc.`, 2);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function describe({ id, row, batch, record, steps, appendId }: Schemas['RowLineage']): string {
  const lines = [`row      ${JSON.stringify(row)}`, `id       ${id}`, `append   ${appendId}`];
  if (batch) {
    const { batchId, pipeline, version, generation, receivedAt, rawKept, records, bytes, sha256, runId } = batch;
    lines.push(
      `batch    ${batchId}${receivedAt === undefined ? '' : `, came ${receivedAt}`}${runId === undefined ? '' : `, run ${runId}`}`,
      `version  ${version}${pipeline === undefined ? '' : ` of ${pipeline}`}${generation ? `, replayed ${generation} times` : ''}`,
      rawKept ? `raw      ${records} records, ${bytes} bytes, sha256 ${sha256}` : 'raw      not kept',
    );
  }
  if (record) lines.push(`record   ${record.index}: ${record.raw}`);
  if (steps.length > 0)
    lines.push(
      `steps    ${steps.map(({ name, kind }) => (name === undefined ? kind : `${name} (${kind})`)).join(' -> ')}`,
    );
  return lines.join('\n');
}
