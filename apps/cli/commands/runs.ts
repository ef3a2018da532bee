import { Command } from 'commander';
import { Schemas } from '#libs/client/client';
import { Client } from '../client';
import { clientOf, inProject, remote, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { wholeNumber } from '../numbers';
import { print, say } from '../output';

type Run = Schemas['Run'];

const POLL_MS = 200;
const ENDED: readonly Run['state'][] = ['succeeded', 'failed', 'cancelled', 'skipped', 'missed'];

export function runCommands(program: Command): void {
  remote(program.command('run').description('run a pipeline now and wait for the end'))
    .argument('<pipeline>')
    .option('--no-wait', 'only start it')
    .action(async (pipeline: string, options: RemoteOptions & { wait: boolean }) => {
      const client = clientOf(options);
      const params = inProject(options, { pipeline });
      const started = await client.ask((api) =>
        api.POST('/v1/projects/{project}/pipelines/{pipeline}/runs', { params }),
      );
      const run = options.wait ? await followRun(client, options, started.id) : started;
      print(options.output, run, () => describeRun(run));
      if (run.state === 'failed' || run.state === 'cancelled') {
        throw new CommandFailed(`The run ${run.state}: ${run.reason ?? 'no reason was kept'}.`);
      }
    });

  remote(program.command('runs').description('list runs, the newest first'))
    .argument('[pipeline]')
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .action(async (pipeline: string | undefined, options: RemoteOptions & { limit: number }) => {
      const params = { ...inProject(options), query: { pipeline, limit: options.limit } };
      const { runs } = await clientOf(options).ask((api) => api.GET('/v1/projects/{project}/runs', { params }));
      print(options.output, runs, {
        columns: ['id', 'pipeline', 'version', 'state', 'trigger', 'started', 'reason'],
        rows: runs.map((run) => [run.id, run.pipeline, run.version, run.state, run.trigger, run.startedAt, run.reason]),
      });
      if (runs.length === 0) say(pipeline === undefined ? 'There are no runs.' : `There are no runs of "${pipeline}".`);
    });

  remote(program.command('cancel').description('ask a run to stop'))
    .argument('<run>')
    .action(async (id: string, options: RemoteOptions) => {
      const params = inProject(options, { run: id });
      const run = await clientOf(options).ask((api) =>
        api.POST('/v1/projects/{project}/runs/{run}/cancel', { params }),
      );
      print(options.output, run, () => describeRun(run));
    });
}

/** Waits for a run's end, telling each change on stderr. */
export async function followRun(client: Client, options: RemoteOptions, id: string): Promise<Run> {
  const params = inProject(options, { run: id });
  let told = '';
  for (;;) {
    const run = await client.ask((api) => api.GET('/v1/projects/{project}/runs/{run}', { params }));
    const line = progressOf(run);
    if (line !== told) say(line);
    told = line;
    if (ENDED.includes(run.state)) return run;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function progressOf(run: Run): string {
  const steps = run.steps.map(({ name, state, counts }) => {
    const numbers = Object.entries(counts).map(([what, count]) => `${String(count)} ${what}`);
    return `${name} ${state}${numbers.length > 0 ? ` (${numbers.join(', ')})` : ''}`;
  });
  return `  run ${run.state}${steps.length > 0 ? `: ${steps.join(' · ')}` : ''}`;
}

export function describeRun(run: Run): string {
  const lines = run.steps.map((step) => {
    const numbers = Object.entries(step.counts).map(([what, count]) => `${what} ${String(count)}`);
    const tries = step.attempts > 1 ? `, ${step.attempts} attempts` : '';
    return `  ${step.name}: ${step.state}${tries}${numbers.length > 0 ? `; ${numbers.join(', ')}` : ''}${step.error ? `; ${step.error}` : ''}`;
  });
  return [`run ${run.id} of ${run.pipeline} version ${run.version}: ${run.state}`, ...lines].join('\n');
}
