import { Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import { Client } from './client';
import { localAddress } from './local-address';
import { OUTPUT_FORMATS, OutputFormat } from './output';

/** Options that every command which speaks to a server takes. */
export interface RemoteOptions {
  /** Where Chartly answers; left out, where the one of the data folder does. */
  readonly url?: string;
  readonly project: string;
  readonly output: OutputFormat;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** The folder of a local Chartly. */
export function dataDirOf(env: NodeJS.ProcessEnv): string {
  return resolve(env.CHARTLY_DATA_DIR ?? '.chartly');
}

function address(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new InvalidArgumentError('It is no address, as http://127.0.0.1:8080 is one.');
}

/** Which server, and which project there. */
export function addressed(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'address of Chartly (default: the local one)').env('CHARTLY_URL').argParser(address),
    )
    .addOption(new Option('-p, --project <name>', 'project').env('CHARTLY_PROJECT').default('default'));
}

export function remote(command: Command): Command {
  return addressed(command).addOption(
    new Option('-o, --output <format>', 'how to print data').choices(OUTPUT_FORMATS).default('table'),
  );
}

/** The type of a body that is a text of documents. */
export const YAML = { 'content-type': 'application/yaml' };

export function clientOf(options: Pick<RemoteOptions, 'url'>): Client {
  const dataDir = dataDirOf(process.env);
  const url = options.url ?? localAddress(dataDir) ?? DEFAULT_URL;
  return new Client({ url, key: process.env.CHARTLY_KEY, dataDir });
}

/** A request's parameters for a path in a project. */
export const inProject = <T extends object>(
  { project }: Pick<RemoteOptions, 'project'>,
  more?: T,
): { readonly path: { readonly project: string } & T } => ({ path: { project, ...more } as { project: string } & T }); // both of its parts
