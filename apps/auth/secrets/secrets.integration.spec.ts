import { Logger } from '@nestjs/common';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Principal } from '#libs/contracts/principal';
import { NotFound, Unavailable, Unprocessable } from '#libs/errors/errors';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { withCall } from '#libs/transport/call-context';
import { authMigrations } from '../auth.migrations';
import { AuthService } from '../auth.service';
import { AUTH_ENTITIES } from '../auth.entities';
import { AuthUnderTest } from '../auth.testing';

const ADA: Principal = { kind: 'key', id: 'k1', name: 'ada', grants: [{ role: 'admin', project: '*' }] };
const newKey = (): string => randomBytes(32).toString('base64');

describe('secrets on Postgres', () => {
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

  const authWith = async (env: Record<string, string> = {}): Promise<AuthService> => (await under.process(env)).auth;
  const put = (auth: AuthService, name: string, value: string, project = 'a'): Promise<unknown> =>
    withCall({ principal: ADA }, () => auth.putSecret({ project, name, provider: 'own', value }));
  const valueOf = async (auth: AuthService, name: string, project = 'a'): Promise<string> =>
    (await auth.secret({ project, name, purpose: `Pipeline/${project}/x` })).value;

  it('gives a service the value, lists all but it, and writes each use down', async () => {
    const auth = await authWith();
    await put(auth, 'token', 'hunter2');
    expect(await auth.secret({ project: 'a', name: 'token', purpose: 'Pipeline/a/x' })).toMatchObject({
      value: 'hunter2',
      version: 1,
      validUntil: '2026-01-01T00:01:00.000Z',
    });
    const { secrets } = await auth.secrets({ project: 'a' });
    expect(secrets).toMatchObject([{ name: 'token', provider: 'own', version: 1, changedBy: 'ada' }]);
    expect(secrets[0]).not.toHaveProperty('value');
    const audited = await under.audited();
    expect(audited.map(({ action, target, reason }) => [action, target, reason])).toEqual([
      ['secrets.put', 'Secret/a/token', 'version 1, kept by own'],
      ['secrets.use', 'Secret/a/token', 'version 1 for Pipeline/a/x'],
    ]);
  });

  it('keeps nothing that shows a value, in any table', async () => {
    const auth = await authWith();
    await put(auth, 'token', 'hunter2-hunter2');
    await valueOf(auth, 'token');
    const stored = await under.everythingStored();
    expect(stored).toContain('Secret/a/token');
    for (const form of ['utf8', 'hex', 'base64'] as const) {
      expect(stored).not.toContain(Buffer.from('hunter2-hunter2').toString(form));
    }
  });

  it('rule 28: opens no row that was moved to another project or name, or set back to an earlier value', async () => {
    const auth = await authWith();
    await put(auth, 'token', 'of a', 'a');
    await put(auth, 'token', 'of b', 'b');
    const envelope = 'sealed = other.sealed, wrapped_key = other.wrapped_key, key_id = other.key_id';
    await postgres.database.query(
      `UPDATE auth.secrets mine SET ${envelope} FROM auth.secrets other WHERE mine.project = 'a' AND other.project = 'b'`,
    );
    await expect(valueOf(auth, 'token', 'a')).rejects.toThrow();
    expect(await valueOf(auth, 'token', 'b')).toBe('of b');
  });

  it('counts versions on over a deletion, and knows a deleted one no more', async () => {
    const auth = await authWith();
    await put(auth, 'token', 'one');
    await put(auth, 'token', 'two');
    await auth.deleteSecret({ project: 'a', name: 'token' });
    await expect(valueOf(auth, 'token')).rejects.toBeInstanceOf(NotFound);
    await expect(auth.deleteSecret({ project: 'a', name: 'token' })).rejects.toBeInstanceOf(NotFound);
    expect(await put(auth, 'token', 'three')).toMatchObject({ version: 3 });
  });

  it('loses no value when fifty set the same secret at once', async () => {
    const auth = await authWith();
    await Promise.all(Array.from({ length: 50 }, (_, at) => put(auth, 'token', `value ${at}`)));
    const { secrets } = await auth.secrets({ project: 'a' });
    expect(secrets).toMatchObject([{ version: 50 }]);
    expect(await valueOf(auth, 'token')).toMatch(/^value \d+$/);
  });

  describe('rule 28: rotation of the master key', () => {
    it('wraps all anew while two hundred secrets are read, and no read fails', async () => {
      const [old, fresh] = [newKey(), newKey()];
      const before = await authWith({ CHARTLY_MASTER_KEY: old });
      const names = Array.from({ length: 200 }, (_, at) => `s${at}`);
      for (const name of names) await put(before, name, `value of ${name}`);
      const during = await authWith({ CHARTLY_MASTER_KEY: `${fresh},${old}` });
      let rotating = true;
      let reads = 0;
      const read = async (): Promise<void> => {
        while (rotating) {
          const name = names[reads++ % names.length]!;
          expect(await valueOf(during, name)).toBe(`value of ${name}`);
        }
      };
      const readers = Promise.all([read(), read(), read()]);
      const rotated = await during.rotateSecrets();
      rotating = false;
      await readers;
      expect(rotated).toMatchObject({ rewrapped: 200, complete: true });
      expect(reads).toBeGreaterThan(3);
      const after = await authWith({ CHARTLY_MASTER_KEY: fresh });
      for (const name of names) expect(await valueOf(after, name)).toBe(`value of ${name}`);
      await expect(valueOf(before, 's0')).rejects.toMatchObject({ code: 'secrets.unknown_master_key' });
    });

    it('wraps what logins rest on too: signing keys and authenticator secrets', async () => {
      const [old, fresh] = [newKey(), newKey()];
      const before = await authWith({ CHARTLY_MASTER_KEY: old });
      const password = 'correct horse battery staple';
      const { id: userId } = await withCall({ principal: ADA }, () => before.createUser({ name: 'ada', password }));
      await before.enrolTotp({ userId, password });
      const { accessToken, refreshToken } = await before.login({ name: 'ada', password });
      const rotated = await (await authWith({ CHARTLY_MASTER_KEY: `${fresh},${old}` })).rotateSecrets();
      expect(rotated).toMatchObject({ rewrapped: 2, complete: true });
      const after = await authWith({ CHARTLY_MASTER_KEY: fresh });
      await after.authenticate({ token: accessToken });
      await after.refresh({ refreshToken });
      await expect(after.confirmTotp({ userId, code: '000000' })).rejects.toMatchObject({ code: 'totp.wrong' });
    });

    it('does nothing the second time, and is shared by two that rotate at once', async () => {
      const [old, fresh] = [newKey(), newKey()];
      const before = await authWith({ CHARTLY_MASTER_KEY: old });
      for (let at = 0; at < 30; at += 1) await put(before, `s${at}`, 'v');
      const [one, other] = [
        await authWith({ CHARTLY_MASTER_KEY: `${fresh},${old}` }),
        await authWith({ CHARTLY_MASTER_KEY: `${fresh},${old}` }),
      ];
      const both = await Promise.all([one.rotateSecrets(), other.rotateSecrets()]);
      expect(both.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(30);
      expect(await one.rotateSecrets()).toMatchObject({ rewrapped: 0, complete: true });
    });

    it('takes a key file that changes without a restart', async () => {
      const file = join(under.dataDir, 'ring');
      const [old, fresh] = [newKey(), newKey()];
      await writeFile(file, `${old}\n`);
      const auth = await authWith({ CHARTLY_MASTER_KEY_FILE: file });
      await put(auth, 'token', 'v');
      await writeFile(file, `${fresh}\n${old}\n`);
      expect(await auth.rotateSecrets()).toMatchObject({ rewrapped: 1, complete: true });
      await writeFile(file, `${fresh}\n`);
      expect(await valueOf(auth, 'token')).toBe('v');
    });
  });

  describe('the master key', () => {
    it('is made once in the data folder, for its owner alone, where local access is on', async () => {
      const [one, other] = [await authWith(), await authWith()];
      await Promise.all([put(one, 'x', 'of one'), put(other, 'y', 'of other')]);
      expect(await valueOf(other, 'x')).toBe('of one');
      expect(await valueOf(one, 'y')).toBe('of other');
    });

    it('is asked for in a sentence where there is none', async () => {
      const auth = await authWith({ CHARTLY_LOCAL_ACCESS: 'false' });
      await expect(put(auth, 'x', 'v')).rejects.toMatchObject({ code: 'secrets.no_master_key' });
    });

    it('is not shown by what is wrong with it', async () => {
      const auth = await authWith({ CHARTLY_MASTER_KEY: 'not-a-key' });
      await expect(put(auth, 'x', 'v')).rejects.toThrow(/is not 32 bytes in base64/);
      await expect(put(auth, 'x', 'v')).rejects.not.toThrow(/not-a-key/);
    });

    it('may stay in a KMS behind a command', async () => {
      const kms = join(under.dataDir, 'kms.mjs');
      await writeFile(kms, KMS);
      const auth = await authWith({ CHARTLY_MASTER_KEY_COMMAND: `${process.execPath} ${kms}` });
      await put(auth, 'x', 'by kms');
      expect(await valueOf(auth, 'x')).toBe('by kms');
      expect(await auth.rotateSecrets()).toEqual({ keyId: 'kms-1', rewrapped: 0, complete: true });
      for (const [command, sentence] of [
        [`${process.execPath} -e process.exit(3)`, /ended with 3 at "wrap"/],
        ['/nowhere/kms', /could not be run/],
        [`${process.execPath} -p 1`, /left "keyId" out of its answer/],
      ] as const) {
        await expect(put(await authWith({ CHARTLY_MASTER_KEY_COMMAND: command }), 'y', 'v')).rejects.toThrow(sentence);
      }
    });
  });

  describe('values that others keep', () => {
    const putOutside = (auth: AuthService, provider: 'env' | 'file' | 'vault', name: string): Promise<unknown> =>
      auth.putSecret({ project: 'a', name, provider });

    it('come from the environment of auth, by project and name', async () => {
      const auth = await authWith({ CHARTLY_SECRET_A__API_TOKEN: 'from env', CHARTLY_SECRET_B__OTHER: 'of b' });
      await putOutside(auth, 'env', 'api-token');
      await putOutside(auth, 'env', 'other');
      expect(await valueOf(auth, 'api-token')).toBe('from env');
      await expect(valueOf(auth, 'other')).rejects.toMatchObject({ code: 'secret.no_value' });
      await expect(putOutside(auth, 'env', 'api_token')).rejects.toBeInstanceOf(Unprocessable);
      await expect(putOutside(auth, 'env', 'api--token')).rejects.toBeInstanceOf(Unprocessable);
    });

    it('come from mounted files, as they are at each use', async () => {
      const folder = join(under.dataDir, 'mounted');
      await mkdir(join(folder, 'a'), { recursive: true });
      await writeFile(join(folder, 'a', 'token'), 'one\n');
      const auth = await authWith({ CHARTLY_SECRETS_DIR: folder });
      await putOutside(auth, 'file', 'token');
      expect(await valueOf(auth, 'token')).toBe('one');
      await writeFile(join(folder, 'a', 'token'), 'two');
      expect(await valueOf(auth, 'token')).toBe('two');
      await putOutside(auth, 'file', 'absent');
      await expect(valueOf(auth, 'absent')).rejects.toThrow(/there is no readable file a\/absent/);
      await expect(putOutside(await authWith(), 'file', 'token')).rejects.toThrow(/CHARTLY_SECRETS_DIR/);
    });

    describe('Vault over HTTP', () => {
      let vault: Server;
      let url: string;
      beforeEach(async () => {
        vault = createServer((request, response) => {
          if (request.headers['x-vault-token'] !== 'root') return response.writeHead(403).end('{"errors":[]}');
          if (request.url === '/v1/kv/data/chartly/a/token') {
            return response.end(JSON.stringify({ data: { data: { value: 'from vault' }, metadata: { version: 3 } } }));
          }
          if (request.url === '/v1/kv/data/chartly/a/odd') return response.end('{"data":{"data":{"value":1}}}');
          if (request.url === '/v1/kv/data/chartly/a/sealed') return response.writeHead(503).end('{}');
          return response.writeHead(404).end('{"errors":[]}');
        }).listen(0, '127.0.0.1');
        await once(vault, 'listening');
        url = `http://127.0.0.1:${(vault.address() as AddressInfo).port}`;
      });
      afterEach(() => new Promise((resolve) => vault.close(resolve)));

      it('give their values by KV version 2, and say what is wrong', async () => {
        const auth = await authWith({ CHARTLY_VAULT_URL: url, CHARTLY_VAULT_MOUNT: 'kv', CHARTLY_VAULT_TOKEN: 'root' });
        for (const name of ['token', 'odd', 'sealed', 'absent']) await putOutside(auth, 'vault', name);
        expect(await valueOf(auth, 'token')).toBe('from vault');
        await expect(valueOf(auth, 'odd')).rejects.toThrow(/has no text field "value"/);
        await expect(valueOf(auth, 'absent')).rejects.toThrow(/Vault has nothing at kv\/chartly\/a\/absent/);
        await expect(valueOf(auth, 'sealed')).rejects.toBeInstanceOf(Unavailable);
      });

      it('take the token of a file, as an agent renews it', async () => {
        const file = join(under.dataDir, 'vault-token');
        await writeFile(file, 'stale\n');
        await chmod(file, 0o600);
        const auth = await authWith({
          CHARTLY_VAULT_URL: url,
          CHARTLY_VAULT_MOUNT: 'kv',
          CHARTLY_VAULT_TOKEN_FILE: file,
        });
        await putOutside(auth, 'vault', 'token');
        await expect(valueOf(auth, 'token')).rejects.toThrow(/refuses its token/);
        await writeFile(file, 'root\n');
        expect(await valueOf(auth, 'token')).toBe('from vault');
      });

      it('are away when Vault is', async () => {
        const auth = await authWith({ CHARTLY_VAULT_URL: 'http://127.0.0.1:9', CHARTLY_VAULT_TOKEN: 'root' });
        await putOutside(auth, 'vault', 'token');
        await expect(valueOf(auth, 'token')).rejects.toMatchObject({ code: 'secrets.vault' });
      });
    });

    it('takes a value for its own store alone', async () => {
      const auth = await authWith();
      await expect(auth.putSecret({ project: 'a', name: 'x', provider: 'own' })).rejects.toBeInstanceOf(Unprocessable);
      await expect(auth.putSecret({ project: 'a', name: 'x', provider: 'env', value: 'v' })).rejects.toBeInstanceOf(
        Unprocessable,
      );
    });
  });
});

/** A KMS of one key: it seals with AES-256-GCM and binds the context. */
const KMS = `
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
const key = createHash('sha256').update('kms').digest();
const input = JSON.parse(await text(process.stdin));
const aad = Buffer.from(input.context, 'base64');
if (process.argv[2] === 'wrap') {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  const sealed = Buffer.concat([cipher.update(Buffer.from(input.plaintext, 'base64')), cipher.final()]);
  console.log(JSON.stringify({ keyId: 'kms-1', ciphertext: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64') }));
} else {
  const bytes = Buffer.from(input.ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(aad).setAuthTag(bytes.subarray(12, 28));
  const clear = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  console.log(JSON.stringify({ plaintext: clear.toString('base64') }));
}
`;
