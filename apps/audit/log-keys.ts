import { Injectable, OnModuleInit } from '@nestjs/common';
import { createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifierKey } from '#libs/audit-proof/note-keys';
import { addSignature, signCheckpoint } from '#libs/audit-proof/signed-note';
import { ChartlyConfig } from '#libs/config/config';
import { readPrivateKey } from '#libs/config/keys';
import { Conflict, Unavailable } from '#libs/errors/errors';

const FIRST_FILE = 'signing-key.pem';
const LATER_FILES = /^signing-key-[0-9a-f]{8}\.pem$/;

/**
 * The keys that sign the log's heads, each known by its verifier key (`name+hash+base64`): from the configuration, or
 * made in the data folder. Which of them signs now is what the log itself says.
 */
@Injectable()
export class LogKeys implements OnModuleInit {
  private readonly held = new Map<string, KeyObject>();
  private firstHeld: string;
  private nextHeld?: string;

  constructor(private readonly config: ChartlyConfig) {}

  async onModuleInit(): Promise<void> {
    const { auditKey, auditNextKey } = this.config;
    this.firstHeld = this.hold(readPrivateKey(auditKey ?? (await this.keptKey())));
    if (auditKey === undefined) await this.holdLaterKeys();
    if (auditNextKey !== undefined) this.nextHeld = this.hold(readPrivateKey(auditNextKey));
  }

  /** The key of a log that has never been handed over. */
  get first(): string {
    return this.firstHeld;
  }

  /** Throws Unavailable `audit.key_missing` for a key that is not held here. */
  sign(size: number, root: Buffer, key: string): string {
    const origin = this.config.auditOrigin;
    return signCheckpoint({ origin, size, root }, origin, this.privateKeyOf(key));
  }

  /** The note with a signature of `key` as well. */
  signToo(note: string, key: string): string {
    return addSignature(note, this.config.auditOrigin, this.privateKeyOf(key));
  }

  /** The key to which the log may go over from `current`, durable. Throws Conflict `audit.no_next_key`. */
  async next(current: string): Promise<string> {
    if (this.nextHeld !== undefined && this.nextHeld !== current) return this.nextHeld;
    if (this.config.auditKey === undefined && this.nextHeld === undefined) return this.makeLaterKey();
    throw new Conflict(
      'audit.no_next_key',
      'There is no key to go over to. Set CHARTLY_AUDIT_NEXT_KEY to a new one ("openssl genpkey -algorithm ed25519") beside CHARTLY_AUDIT_KEY, restart the audit service, and rotate again.',
    );
  }

  private privateKeyOf(key: string): KeyObject {
    const held = this.held.get(key);
    if (held) return held;
    throw new Unavailable(
      'audit.key_missing',
      `The log was handed over to the key ${key}, which is not here. Set CHARTLY_AUDIT_KEY to its private key, or put it back into the data folder.`,
    );
  }

  private hold(privateKey: KeyObject): string {
    const key = verifierKey(this.config.auditOrigin, createPublicKey(privateKey));
    this.held.set(key, privateKey);
    return key;
  }

  private get folder(): string {
    return join(this.config.dataDir, 'audit');
  }

  private async keptKey(): Promise<string> {
    const file = join(this.folder, FIRST_FILE);
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    if (kept !== undefined) return kept;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await mkdir(this.folder, { recursive: true });
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
    await writeFile(join(this.folder, 'public-key.txt'), `${verifierKey(this.config.auditOrigin, publicKey)}\n`);
    return pem;
  }

  private async holdLaterKeys(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (LATER_FILES.test(name)) this.hold(readPrivateKey(await readFile(join(this.folder, name), 'utf8')));
    }
  }

  /** A new key in the data folder. One that the log is not handed over to after all does no harm there. */
  private async makeLaterKey(): Promise<string> {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = this.hold(privateKey);
    const [, id = ''] = key.split('+');
    const file = await open(join(this.folder, `signing-key-${id}.pem`), 'wx', 0o600);
    try {
      await file.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await file.sync();
    } finally {
      await file.close();
    }
    const folder = await open(this.folder, 'r');
    await folder.sync().finally(() => folder.close());
    return key;
  }
}
