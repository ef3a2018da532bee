import { Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChartlyConfig } from '#libs/config/config';
import { Principal } from '#libs/contracts/principal';
import { hashSecret } from '../keys/api-key';

/** The file in the data folder whose holder is the operator of this machine. */
export const LOCAL_TOKEN_FILE = 'local-token';
const LOCAL_TOKEN = /^cl_[0-9a-f]{64}$/;
const LOCAL_OPERATOR: Principal = {
  kind: 'local',
  id: 'local',
  name: 'local command line',
  grants: [{ role: 'owner', project: '*' }],
};

/**
 * Lets the command line of the same machine in without a password: who can read the 0600 file in the data folder owns
 * the data anyway. The token is new at every start and only its hash stays in memory.
 */
@Injectable()
export class LocalAccess implements OnApplicationBootstrap {
  private readonly logger = new Logger('LocalAccess');
  private hash?: Buffer;

  constructor(private readonly config: ChartlyConfig) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.localAccess) return;
    const token = `cl_${randomBytes(32).toString('hex')}`;
    await writePrivateFile(join(this.config.dataDir, LOCAL_TOKEN_FILE), `${token}\n`);
    this.hash = hashSecret(token);
    this.logger.log('The local command line is let in by the token file in the data folder.');
  }

  /** The local operator, when `token` is the one in the file. */
  recognize(token: string): Principal | undefined {
    if (!this.hash || !LOCAL_TOKEN.test(token)) return undefined;
    return timingSafeEqual(hashSecret(token), this.hash) ? LOCAL_OPERATOR : undefined;
  }
}

/** Writes a file that nobody but its owner ever could read, not even for a moment, and puts it in place at once. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(draft, content, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, path);
}
