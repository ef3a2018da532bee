import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'local-url';

/** Keeps in the data folder where a local Chartly answers, so that commands beside it need no --url. */
export const noteAddress = (dataDir: string, url: string): Promise<void> =>
  writeFile(join(dataDir, FILE), `${url}\n`, { mode: 0o600 });

export const forgetAddress = (dataDir: string): Promise<void> => rm(join(dataDir, FILE), { force: true });

/** Where the Chartly of this data folder answers; undefined when none was started there. */
export function localAddress(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, FILE), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
