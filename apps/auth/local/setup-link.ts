import { Injectable, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EntityManager, In, IsNull, MoreThan, Repository } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { ApiKey } from '../keys/api-key.entity';
import { hashSecret } from '../keys/api-key';
import { writePrivateFile } from './local-access';
import { SetupToken } from './setup-token.entity';

/** The file in the data folder that holds the setup link until it is used. */
export const SETUP_LINK_FILE = 'setup-link';
const LIFE_MS = 3_600_000;

const SPEND = `
  UPDATE auth.setup_tokens
     SET used_at = $2
   WHERE secret_hash = $1
     AND used_at IS NULL
     AND expires_at > $2
  RETURNING 1`;

/**
 * There is no default password: while no admin key exists, each start makes a one-time setup link (rule 22). It stands
 * in a 0600 file, never in a log.
 */
@Injectable()
export class SetupLink implements OnApplicationBootstrap {
  private readonly logger = new Logger('SetupLink');

  constructor(
    private readonly config: ChartlyConfig,
    private readonly clock: Clock,
    @InjectRepository(ApiKey) private readonly keys: Repository<ApiKey>,
    @InjectRepository(SetupToken) private readonly tokens: Repository<SetupToken>,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (await this.hasAdmin()) return;
    const token = randomBytes(32).toString('hex');
    const expiresAt = new Date(this.clock.now().getTime() + LIFE_MS);
    await this.tokens.insert({ secretHash: hashSecret(token), expiresAt, usedAt: null });
    const file = join(this.config.dataDir, SETUP_LINK_FILE);
    // Behind the "#" the token never reaches a server's log.
    await writePrivateFile(file, `${this.config.publicUrl}/setup#${token}\n`);
    this.logger.log(`No admin key exists. The one-time setup link, good for one hour, is in ${file}.`);
  }

  /** Uses the token up; false when it is unknown, used or too old. */
  async spend(tx: EntityManager, token: string): Promise<boolean> {
    const [spent] = await tx.query<[unknown[], number]>(SPEND, [hashSecret(token), this.clock.now()]);
    return spent.length > 0;
  }

  async forget(): Promise<void> {
    await rm(join(this.config.dataDir, SETUP_LINK_FILE), { force: true });
  }

  private hasAdmin(): Promise<boolean> {
    return this.keys.existsBy({
      role: In(['owner', 'admin']),
      project: '*',
      revokedAt: IsNull(),
      expiresAt: MoreThan(this.clock.now()),
    });
  }
}
