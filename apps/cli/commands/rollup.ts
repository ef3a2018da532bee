import { Command } from 'commander';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { print, say } from '../output';

export function rollupCommands(program: Command): void {
  const rollup = program.command('rollup').description('look after rollups').exitOverride();

  remote(rollup.command('list').description('what rollups there are, and how current')).action(
    async (options: RemoteOptions) => {
      const { rollups } = await clientOf(options).ask((api) =>
        api.GET('/v1/projects/{project}/rollups', { params: inProject(options) }),
      );
      print(options.output, rollups, {
        columns: ['name', 'dataset', 'pipeline', 'bucket', 'dirty', 'clean', 'progress'],
        rows: rollups.map((one) => [
          one.name,
          one.dataset,
          one.pipeline,
          one.unit === undefined ? `${(one.bucketMs ?? 0) / 1_000}s` : `${one.unit} ${one.zone}`,
          one.dirtyBuckets,
          one.cleanBuckets,
          `${Math.floor(one.progress * 100)}%`,
        ]),
      });
    },
  );

  remote(rollup.command('verify').description('recompute a rollup from raw rows and compare; fails when they differ'))
    .argument('<rollup>')
    .action(async (name: string, options: RemoteOptions) => {
      const params = inProject(options, { rollup: name });
      const verified = await clientOf(options).ask((api) =>
        api.GET('/v1/projects/{project}/rollups/{rollup}/verify', { params }),
      );
      const { buckets, groups, dirtyBuckets, mismatches, examples } = verified;
      print(options.output, verified, {
        columns: ['bucket', 'group', 'kept', 'expected'],
        rows: examples.map(({ bucket, group, kept, expected }) => [bucket, group, kept, expected]),
      });
      say(
        `${groups} groups in ${buckets} buckets compared, ${mismatches} differ; ${dirtyBuckets} buckets are dirty and come of raw rows.`,
      );
      if (mismatches > 0)
        throw new CommandFailed(`Rollup "${name}" does not say what raw rows say in ${mismatches} groups.`);
    });
}
