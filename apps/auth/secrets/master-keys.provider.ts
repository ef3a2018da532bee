import { Provider } from '@nestjs/common';
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChartlyConfig } from '#libs/config/config';
import { Unavailable } from '#libs/errors/errors';
import { CommandKeys } from './command-keys';
import { KEY_BYTES } from './envelope';
import { KeyRing } from './key-ring';
import { MasterKeys, NoMasterKeys } from './master-keys';

/** The master key of a local Chartly, made once in its data folder; whoever copies the folder copies it too. */
const MASTER_KEY_FILE = 'master-key';

/** The master keys as the configuration gives them. */
export function masterKeysOf(config: ChartlyConfig): MasterKeys {
  const { masterKey, masterKeyFile, masterKeyCommand, dataDir } = config;
  if (masterKeyCommand !== undefined) return new CommandKeys(masterKeyCommand);
  if (masterKeyFile !== undefined) return new KeyRing(() => readKeyFile(masterKeyFile));
  if (masterKey !== undefined) return new KeyRing(async () => masterKey);
  if (config.localAccess) return new KeyRing(() => keptKey(join(dataDir, MASTER_KEY_FILE)));
  return new NoMasterKeys();
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Unavailable('secrets.master_key_file', 'The file of CHARTLY_MASTER_KEY_FILE cannot be read.', { cause });
  }
}

/** A link is made by the first of two who try, and whole at once; both then read the same key. */
async function keptKey(path: string): Promise<string> {
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined && kept !== '') return kept;
  await mkdir(join(path, '..'), { recursive: true });
  const made = `${randomBytes(KEY_BYTES).toString('base64')}\n`;
  const draft = `${path}.${randomUUID()}.new`;
  await writeFile(draft, made, { mode: 0o600 });
  await link(draft, path).catch(() => undefined);
  await rm(draft);
  return readKeyFile(path);
}

export const masterKeysProvider: Provider = {
  provide: MasterKeys,
  inject: [ChartlyConfig],
  useFactory: masterKeysOf,
};
