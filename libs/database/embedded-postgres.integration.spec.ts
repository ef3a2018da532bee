import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { DataLock } from './data-lock';
import { EmbeddedPostgres } from './embedded-postgres';
import { isAlive, signal } from './processes';

const isRoot = process.getuid?.() === 0;

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

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Another process that owns the folder with a running Postgres, until it is killed. */
async function startOwner(dataDir: string): Promise<{ child: ChildProcess; postgresPid: number; ownerUrl: string }> {
  const script = `
    require('@swc/register');
  `;
  void script;
  const child = spawn(process.execPath, [join(__dirname, 'testing-owner.js'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as { postgresPid: number; ownerUrl: string }) };
}
void startOwner;

describe('EmbeddedPostgres', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chartly-embedded-'));
    await chmod(dataDir, 0o755);
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  void [existsSync, mkdir, readFile, stat, writeFile, dirname, DataLock, isAlive, signal, until, isRoot];

  it('rule 1: keeps data over a restart, durably set up', async () => {
    console.time('first');
    const first = await EmbeddedPostgres.start({ dataDir });
    console.timeEnd('first');
    await query(first.ownerUrl, 'CREATE TABLE public.kept AS SELECT 42 AS answer');
    console.time('stop');
    await first.stop();
    console.timeEnd('stop');
    console.time('second');
    const second = await EmbeddedPostgres.start({ dataDir });
    console.timeEnd('second');
    expect(await query(second.ownerUrl, 'SELECT answer FROM public.kept')).toEqual([{ answer: 42 }]);
    expect(await query(second.ownerUrl, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(second.ownerUrl, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    await second.stop();
  });
});
