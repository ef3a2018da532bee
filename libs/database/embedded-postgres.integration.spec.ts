import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { DataLock } from './data-lock';
import { EmbeddedPostgres } from './embedded-postgres';
import { identityOf, isAlive, signal } from './processes';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // a test may kill the server
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await delay(20);
}

describe('EmbeddedPostgres', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chartly-embedded-'));
    await chmod(dataDir, 0o755);
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('rule 1: keeps data over a restart, durably set up', async () => {
    const first = await EmbeddedPostgres.start({ dataDir });
    await query(first.ownerUrl, 'CREATE TABLE public.kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await EmbeddedPostgres.start({ dataDir });
    try {
      expect(await query(second.ownerUrl, 'SELECT answer FROM public.kept')).toEqual([{ answer: 42 }]);
      expect(await query(second.ownerUrl, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
      expect(await query(second.ownerUrl, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    } finally {
      await second.stop();
    }
  });

  it('rule 12: neither the owner nor the services are superusers, and the passwords are for the owner of the folder', async () => {
    const postgres = await EmbeddedPostgres.start({ dataDir });
    try {
      const superuser = 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user';
      expect(await query(postgres.ownerUrl, superuser)).toEqual([{ rolsuper: false }]);
      expect(await query(postgres.appUrl, superuser)).toEqual([{ rolsuper: false }]);
      await expect(query(postgres.appUrl, 'CREATE TABLE public.mine (id int)')).rejects.toThrow(/permission denied/);
      expect((await stat(join(dataDir, 'postgres-passwords.json'))).mode & 0o077).toBe(0);
    } finally {
      await postgres.stop();
    }
  });

  describe('with another process', () => {
    let other: ChildProcess;
    beforeEach(async () => {
      other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      await once(other, 'spawn');
    });
    afterEach(async () => {
      if (other.signalCode === null) {
        other.kill('SIGKILL');
        await once(other, 'exit');
      }
    });

    it('refuses the folder while that owns it, and takes it over when that was killed', async () => {
      await writeFile(join(dataDir, 'chartly.pid'), identityOf(other.pid ?? 0));
      await expect(EmbeddedPostgres.start({ dataDir })).rejects.toThrow(/Another Chartly \(pid \d+\) uses/);
      other.kill('SIGKILL');
      await once(other, 'exit');
      const lock = DataLock.take(dataDir);
      expect(await readFile(join(dataDir, 'chartly.pid'), 'utf8')).toBe(identityOf(process.pid));
      lock.release();
      expect(existsSync(join(dataDir, 'chartly.pid'))).toBe(false);
    });
  });

  it('refuses a second start in the same process', async () => {
    const first = await EmbeddedPostgres.start({ dataDir });
    try {
      await expect(EmbeddedPostgres.start({ dataDir })).rejects.toThrow(/Another Chartly/);
      expect(await query(first.appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await first.stop();
    }
  });

  it('starts the server again on its port when it was killed, with all that was committed (fault 9)', async () => {
    const postgres = await EmbeddedPostgres.start({ dataDir });
    try {
      await query(postgres.ownerUrl, 'CREATE TABLE public.kept AS SELECT 1 AS one');
      const before = postgres.pid;
      signal(before, 'SIGKILL');
      await until(async () => (await query(postgres.ownerUrl, 'SELECT one FROM public.kept')).length === 1);
      expect(postgres.pid).not.toBe(before);
    } finally {
      await postgres.stop();
    }
  });

  (process.getuid?.() === 0 ? it : it.skip)(
    'lives outside of a folder that only root can reach, and says where',
    async () => {
      const closed = join(dataDir, 'closed');
      await mkdir(closed, { mode: 0o700 });
      const postgres = await EmbeddedPostgres.start({ dataDir: closed });
      try {
        expect(postgres.folder).toMatch(/^\/var\/lib\/chartly\/[0-9a-f]{12}\/postgres$/);
        expect((await readFile(join(closed, 'postgres-folder'), 'utf8')).trim()).toBe(postgres.folder);
        expect(await query(postgres.appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      } finally {
        await postgres.stop();
        await rm(dirname(postgres.folder), { recursive: true, force: true });
      }
    },
  );

  it('names the data folder that it cannot write', async () => {
    await expect(EmbeddedPostgres.start({ dataDir: '/proc/nowhere' })).rejects.toThrow(
      /\/proc\/nowhere cannot be written/,
    );
  });
});
