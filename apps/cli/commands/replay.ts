import { Command } from 'commander';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print } from '../output';
import { describeRun, followRun } from './runs';

interface ReplayOptions extends RemoteOptions {
  readonly from: string;
  readonly to?: string;
  readonly useVersion?: number;
  readonly dataset?: string;
  readonly wait: boolean;
}

/** `chartly replay`: raw batches of a time pass a version of their pipeline again. */
export function replayCommand(program: Command): void {
  remote(program.command('replay').description('let raw batches of a time pass a version of their pipeline again'))
    .argument('<pipeline>')
    .requiredOption('--from <time>', 'batches that came at this time or later (RFC 3339)')
    .option('--to <time>', 'batches that came before this time; now when left out')
    .option('--use-version <n>', 'the version that they pass; the active one when left out', wholeNumber)
    .option('--dataset <name>', 'a new dataset for the rows, instead of in the place of those from before')
    .option('--no-wait', 'only start it')
    .action(async (pipeline: string, options: ReplayOptions) => {
      const { from, to, useVersion: version, dataset } = options;
      const client = clientOf(options);
      const started = await client.ask((api) =>
        api.POST('/v1/projects/{project}/pipelines/{pipeline}/replays', {
          params: inProject(options, { pipeline }),
          body: { from, to, version, dataset },
        }),
      );
      const run = options.wait ? await followRun(client, options, started.id) : started;
      print(options.output, run, () => describeRun(run));
      if (run.state === 'failed' || run.state === 'cancelled') {
        throw new CommandFailed(`The replay ${run.state}: ${run.reason ?? 'no reason was kept'}.`);
      }
    });

  for (const [name, path, description] of ACTIONS) {
    remote(program.command(name).description(description))
      .argument('<run>')
      .action(async (id: string, options: RemoteOptions) => {
        const params = inProject(options, { run: id });
        const run = await clientOf(options).ask((api) => api.POST(path, { params }));
        print(options.output, run, () => describeRun(run));
      });
  }
}

const ACTIONS = [
  ['pause', '/v1/projects/{project}/runs/{run}/pause', 'pause a replay; what is on its way arrives'],
  ['resume', '/v1/projects/{project}/runs/{run}/resume', 'let a paused replay go on'],
] as const;
