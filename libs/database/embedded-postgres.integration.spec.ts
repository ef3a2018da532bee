import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { EmbeddedPostgres } from './embedded-postgres';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

describe('EmbeddedPostgres', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chartly-pg-'));
    await chmod(dataDir, 0o755);
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('keeps data over a restart, durably set up (rule 1)', async () => {
    const first = await EmbeddedPostgres.start({ dataDir });
    await query(first.ownerUrl, 'CREATE TABLE public.kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await EmbeddedPostgres.start({ dataDir });
    expect(await query(second.ownerUrl, 'SELECT answer FROM public.kept')).toEqual([{ answer: 42 }]);
    expect(await query(second.ownerUrl, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(second.ownerUrl, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    await second.stop();
  });

  it('lets one live process own a data folder', async () => {
    const owner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const { writeFile, readFile } = await import('node:fs/promises');
    const stat = await readFile(`/proc/${owner.pid}/stat`, 'utf8').catch(() => '');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    await writeFile(join(dataDir, 'chartly.pid'), `${owner.pid} ${started}\n`);
    await expect(EmbeddedPostgres.start({ dataDir })).rejects.toThrow(/Another Chartly/);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const postgres = await EmbeddedPostgres.start({ dataDir });
    await postgres.stop();
  });

  it('takes over from a Postgres whose owner was killed', async () => {
    const first = await EmbeddedPostgres.start({ dataDir });
    await query(first.ownerUrl, 'CREATE TABLE public.kept AS SELECT 1 AS one');
    await rm(join(dataDir, 'chartly.pid')); // what a kill -9 of another process comes to: nobody owns it, it lives
    const second = await EmbeddedPostgres.start({ dataDir });
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second.ownerUrl, 'SELECT one FROM public.kept')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('names the data folder that it cannot write', async () => {
    await expect(EmbeddedPostgres.start({ dataDir: '/proc/nowhere' })).rejects.toThrow(
      /\/proc\/nowhere cannot be written/,
    );
  });
});
