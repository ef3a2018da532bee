import { Command, Option } from 'commander';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '../client';
import { dataDirOf, RemoteOptions } from '../context';
import { CommandFailed } from '../failure';
import { forgetAddress, noteAddress } from '../local-address';
import { say } from '../output';
import { Earthquakes } from '../up/earthquakes';
import { Server } from '../up/server';
import { SplitServers } from '../up/split';

interface UpOptions {
  readonly example?: 'earthquakes';
  readonly split?: boolean;
}

/** What `up` waits on: one process or nine. */
interface Running {
  readonly url: string;
  readonly exited: Promise<unknown>;
  readonly complaint: string;
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export function upCommand(program: Command): void {
  program
    .command('up')
    .description('start Chartly on this machine and keep it running until Ctrl-C')
    .addOption(new Option('--example <name>', 'load an example and show it').choices(['earthquakes']))
    .option('--split', 'one process for each of the nine services instead of one for all')
    .action(async (options: UpOptions) => up(options, process.env));
}

async function up({ example, split }: UpOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const dataDir = dataDirOf(env);
  const interrupted = nextSignal();
  const began = Date.now();
  say(`Starting Chartly ${split ? 'as nine processes' : 'in one process'}; data in ${dataDir}`);
  const earthquakes = example ? await Earthquakes.start(dataDir, env) : undefined;
  let running: Running | undefined;
  try {
    running = await start(split === true, dataDir, withEgress(env, earthquakes?.egress));
    await Promise.race([running.ready(), interrupted.promise]);
    if (interrupted.signal) return;
    await noteAddress(dataDir, running.url);
    say(`Ready in ${((Date.now() - began) / 1_000).toFixed(1)} s at ${running.url}`);
    await Promise.race([introduce(running, dataDir, earthquakes), interrupted.promise, running.exited]);
    if (!interrupted.signal) await Promise.race([running.exited, interrupted.promise]);
    if (!interrupted.signal) throw new CommandFailed(running.complaint || 'Chartly ended by itself; see the logs.');
  } finally {
    if (interrupted.signal) say('\nStopping: what is in flight is finished first.');
    await forgetAddress(dataDir);
    await running?.stop();
    await earthquakes?.stop();
    if (interrupted.signal) say('Stopped. The data is kept.');
  }
}

async function start(split: boolean, dataDir: string, env: NodeJS.ProcessEnv): Promise<Running> {
  return split ? SplitServers.start({ dataDir, env }) : new Server({ dataDir, env });
}

async function introduce(running: Running, dataDir: string, earthquakes?: Earthquakes): Promise<void> {
  const client = new Client({ url: running.url, dataDir });
  if (earthquakes) {
    const options: RemoteOptions = { url: running.url, project: 'default', output: 'table' };
    say(`Loading examples/earthquakes from its upstream at ${earthquakes.url}`);
    await earthquakes.load(client, options);
    process.stdout.write(`\n${await earthquakes.show(client)}\n\n`);
  }
  say(await nextSteps(running.url, dataDir, earthquakes !== undefined));
}

async function nextSteps(url: string, dataDir: string, withExample: boolean): Promise<string> {
  const lines = [`open      ${url}/docs`];
  if (withExample) {
    lines.push(
      'query     npx chartly query quakes_hourly --where "network = nc"',
      'books     npx chartly ledger earthquakes',
      'rejects   npx chartly quarantine earthquakes',
      'proof     npx chartly audit verify',
    );
  }
  const link = join(dataDir, 'setup-link');
  if (await exists(link)) lines.push(`admin key ${(await readFile(link, 'utf8')).trim()}`);
  lines.push('test      npm test', 'stop      Ctrl-C');
  return lines.map((line) => `  ${line}`).join('\n');
}

/** Egress to exactly the example's host and port, beside what the operator allows. */
function withEgress(env: NodeJS.ProcessEnv, egress: string | undefined): NodeJS.ProcessEnv {
  if (egress === undefined) return env;
  return { ...env, CHARTLY_EGRESS_ALLOW: [env.CHARTLY_EGRESS_ALLOW, egress].filter(Boolean).join(',') };
}

interface Interruption {
  readonly promise: Promise<void>;
  signal?: NodeJS.Signals;
}

function nextSignal(): Interruption {
  const interruption: { promise?: Promise<void>; signal?: NodeJS.Signals } = {};
  interruption.promise = new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (interruption.signal) process.exit(130);
        interruption.signal = name;
        resolve();
      });
    }
  });
  return interruption as Interruption; // the promise was set on the line above
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
