import { Injectable, OnModuleInit } from '@nestjs/common';
import { createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifierKey } from '#libs/audit-proof/note-keys';
import { signCheckpoint } from '#libs/audit-proof/signed-note';
import { ChartlyConfig } from '#libs/config/config';
import { readPrivateKey } from '#libs/config/keys';

/** The key that signs the log's heads: from the configuration, or made once in the data folder. */
@Injectable()
export class SigningKey implements OnModuleInit {
  private key: KeyObject;

  constructor(private readonly config: ChartlyConfig) {}

  async onModuleInit(): Promise<void> {
    this.key = readPrivateKey(this.config.auditKey ?? (await this.keptKey()));
  }

  /** `name+hash+base64`: what a verifier pins. */
  get publicKey(): string {
    return verifierKey(this.config.auditOrigin, createPublicKey(this.key));
  }

  sign(size: number, root: Buffer): string {
    const origin = this.config.auditOrigin;
    return signCheckpoint({ origin, size, root }, origin, this.key);
  }

  private async keptKey(): Promise<string> {
    const folder = join(this.config.dataDir, 'audit');
    const file = join(folder, 'signing-key.pem');
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    if (kept !== undefined) return kept;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await mkdir(folder, { recursive: true });
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
    await writeFile(join(folder, 'public-key.txt'), `${verifierKey(this.config.auditOrigin, publicKey)}\n`);
    return pem;
  }
}
