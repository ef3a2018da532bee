import { Logger } from '@nestjs/common';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { ANONYMOUS, Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { authMigrations } from './auth.migrations';
import { AUTH_ENTITIES } from './auth.entities';
import { AuthProcess, AuthUnderTest } from './auth.testing';
import { LOCAL_TOKEN_FILE } from './local/local-access';
import { SETUP_LINK_FILE } from './local/setup-link';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ADA: Principal = { kind: 'key', id: 'k1', name: 'ada', grants: [{ role: 'admin', project: '*' }] };

describe('auth on Postgres', () => {
  let postgres: TestDatabase;
  let under: AuthUnderTest;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await openTestDatabase([authMigrations], AUTH_ENTITIES);
  });
  beforeEach(async () => {
    under = await AuthUnderTest.on(postgres.database);
  });
  afterEach(() => under.close());
  afterAll(() => postgres.stop());

  const fileOf = (name: string): Promise<string> =>
    readFile(join(under.dataDir, name), 'utf8').then((text) => text.trim());
  const setupToken = async (): Promise<string> => (await fileOf(SETUP_LINK_FILE)).split('#')[1] ?? '';
  const modeOf = async (name: string): Promise<number> => (await stat(join(under.dataDir, name))).mode & 0o777;
  const keyIn = ({ auth }: AuthProcess, expiresInDays?: number): Promise<CreatedKey> =>
    withCall({ principal: ADA }, () =>
      auth.createKey({ name: 'ci', role: 'ingest', project: 'default', expiresInDays }),
    );

  describe('rule 22: the setup link', () => {
    it('stands in a file for its owner alone, works once, leaves the file and an audit entry', async () => {
      const { auth } = await under.process();
      expect(await modeOf(SETUP_LINK_FILE)).toBe(0o600);
      const token = await setupToken();
      const created = await auth.bootstrap({ token, keyName: 'first' });
      expect((await auth.authenticate({ token: created.key })).principal).toMatchObject({ name: 'first' });
      await expect(fileOf(SETUP_LINK_FILE)).rejects.toThrow('ENOENT');
      await expect(auth.bootstrap({ token, keyName: 'second' })).rejects.toThrow(/used up or too old/);
      expect((await under.audited()).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
        'setup.use succeeded',
        'setup.use denied',
      ]);
    });

    it('fills no log with the tries of a flood, and says how many they were', async () => {
      const { auth } = await under.process();
      const guess = (at: number): Promise<unknown> =>
        withCall({ principal: ANONYMOUS, client: { address: `198.51.${at >> 7}.${at & 127}` } }, () =>
          auth.bootstrap({ token: '0'.repeat(64), keyName: 'x' }),
        );
      const denied = async (): Promise<(string | undefined)[]> =>
        (await under.audited()).filter(({ outcome }) => outcome === 'denied').map(({ reason }) => reason);
      for (let at = 0; at < 200; at += 1) await expect(guess(at)).rejects.toBeInstanceOf(Unauthenticated);
      expect(await denied()).toEqual(Array<string>(60).fill('used up or too old'));
      under.clock.pass(1_000);
      await expect(guess(200)).rejects.toBeInstanceOf(Unauthenticated);
      expect((await denied()).at(-1)).toBe('used up or too old; 140 more were refused before');
    });

    it('rule 21: makes one address wait that tries many', async () => {
      const { auth } = await under.process();
      const guess = (): Promise<unknown> =>
        withCall({ principal: ANONYMOUS, client: { address: '198.51.100.7' } }, () =>
          auth.bootstrap({ token: '0'.repeat(64), keyName: 'x' }),
        );
      for (let at = 0; at < 5; at += 1) await expect(guess()).rejects.toBeInstanceOf(Unauthenticated);
      await expect(guess()).rejects.toMatchObject({ code: 'login.throttled' });
      const created = await auth.bootstrap({ token: await setupToken(), keyName: 'of the owner, elsewhere' });
      expect(created.role).toBe('owner');
    });

    it('gives one key to fifty who use it at once', async () => {
      const { auth } = await under.process();
      const token = await setupToken();
      const tries = await Promise.allSettled(
        Array.from({ length: 50 }, (_, at) => auth.bootstrap({ token, keyName: `try ${at}` })),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await auth.keys({})).keys).toHaveLength(1);
    });

    it('is good for one hour', async () => {
      const { auth } = await under.process();
      const token = await setupToken();
      under.clock.pass(HOUR_MS);
      await expect(auth.bootstrap({ token, keyName: 'late' })).rejects.toBeInstanceOf(Unauthenticated);
      expect((await auth.keys({})).keys).toEqual([]);
    });

    it('is not made once an admin key exists, and is made again when the last one has expired', async () => {
      const { auth } = await under.process();
      await auth.bootstrap({ token: await setupToken(), keyName: 'first' });
      await under.process();
      await expect(fileOf(SETUP_LINK_FILE)).rejects.toThrow('ENOENT');
      under.clock.pass(366 * DAY_MS);
      await under.process();
      expect(await setupToken()).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  describe('local access', () => {
    it('lets in who can read the 0600 file, with another token at each start', async () => {
      const first = await under.process();
      expect(await modeOf(LOCAL_TOKEN_FILE)).toBe(0o600);
      const token = await fileOf(LOCAL_TOKEN_FILE);
      expect((await first.auth.authenticate({ token })).principal).toMatchObject({ kind: 'local' });
      const second = await under.process();
      await expect(second.auth.authenticate({ token })).rejects.toBeInstanceOf(Unauthenticated);
      expect((await second.auth.authenticate({ token: await fileOf(LOCAL_TOKEN_FILE) })).principal.kind).toBe('local');
    });

    it('does not exist where it is switched off', async () => {
      const { auth } = await under.process({ CHARTLY_LOCAL_ACCESS: 'false' });
      await expect(fileOf(LOCAL_TOKEN_FILE)).rejects.toThrow('ENOENT');
      await expect(auth.authenticate({ token: `cl_${'0'.repeat(64)}` })).rejects.toBeInstanceOf(Unauthenticated);
    });
  });

  describe('rule 17: API keys', () => {
    it('stores nothing of a key, a setup link or a local token that would let anybody in', async () => {
      const process = await under.process();
      const token = await setupToken();
      const local = await fileOf(LOCAL_TOKEN_FILE);
      const { key } = await process.auth.bootstrap({ token, keyName: 'first' });
      const stored = await under.everythingStored();
      expect(stored).toContain('first');
      const secret = key.split('_')[2] ?? '';
      expect(secret).toHaveLength(43);
      for (const clear of [secret, token, local.slice(3)]) expect(stored).not.toContain(clear);
    });

    it('expires when it says, 90 days ahead unless asked otherwise', async () => {
      const process = await under.process();
      const { key, createdAt, expiresAt } = await keyIn(process);
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(90 * DAY_MS);
      under.clock.pass(90 * DAY_MS - 1);
      await process.auth.authenticate({ token: key });
      under.clock.pass(1);
      await expect(process.auth.authenticate({ token: key })).rejects.toBeInstanceOf(Unauthenticated);
    });

    it('stops at once in every replica of auth when it is revoked, and is revoked once', async () => {
      const [one, other] = [await under.process(), await under.process()];
      const { id, key } = await keyIn(one);
      await other.auth.authenticate({ token: key });
      await one.auth.revokeKey({ id });
      await other.auth.revokeKey({ id });
      await expect(other.auth.authenticate({ token: key })).rejects.toBeInstanceOf(Unauthenticated);
      const actions = (await under.audited()).map(({ action, actor }) => `${actor.name} ${action}`);
      expect(actions).toEqual(['ada keys.create', 'Chartly itself keys.revoke']);
    });

    it('answers every refusal with the same sentence', async () => {
      const process = await under.process();
      const { id, key } = await keyIn(process);
      await process.auth.revokeKey({ id });
      const sentences = await Promise.all(
        [key, (await keyIn(process)).key.replace(/.$/, '-'), 'ck_nonsense', 'cl_nonsense', ''].map((token) =>
          process.auth.authenticate({ token }).catch((thrown: Error) => thrown.message),
        ),
      );
      expect(new Set(sentences).size).toBe(1);
    });

    it('tells when a key was last used', async () => {
      const process = await under.process();
      const { id, key } = await keyIn(process);
      under.clock.pass(HOUR_MS);
      await process.auth.authenticate({ token: key });
      await process.keys.noteUses();
      const [seen] = (await process.auth.keys({})).keys;
      expect(seen).toMatchObject({ id, lastUsedAt: '2026-01-01T01:00:00.000Z' });
    });
  });
});
