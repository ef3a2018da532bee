import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restoreBackup } from '#libs/backup/restore';
import { verifyMirror } from '#libs/audit-mirror/verify-mirror';
import { Checkpoint } from '#libs/contracts/audit.contract';
import { BackupState, BackupStates } from '#libs/contracts/backup';
import { Ledger } from '#libs/contracts/observer.contract';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';
import { verifyAudit } from './scenarios/audit';
import { applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';

const BATCH = 200;
const EVENTS = '/v1/projects/default/pipelines/metrics/events';

describe('a backup of a Chartly that goes on', () => {
  let chartly: ChartlyUnderTest;
  let restored: ChartlyUnderTest;
  let home: string;
  let backup: BackupState;
  let pushedBefore = 0;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'chartly-restored-'));
    await chmod(home, 0o755);
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
  });

  afterAll(async () => {
    await chartly?.end();
    await restored?.end();
    await rm(home, { recursive: true, force: true });
  });

  const push = async (from: number): Promise<void> => {
    const body = ndjson(Array.from({ length: BATCH }, (_, at) => eventAt(from + at)));
    await chartly.api.ok(EVENTS, { body, type: 'application/x-ndjson' });
  };

  it('is taken while events come, and is whole when it is listed', async () => {
    for (; pushedBefore < 10 * BATCH; pushedBefore += BATCH) await push(pushedBefore);
    await settledLedger(chartly.api, 'metrics');
    let ended = false;
    let next = pushedBefore;
    const pushing = (async () => {
      for (; !ended; next += BATCH) {
        await push(next);
        await chartly.api.json('/v1/keys', { name: `meanwhile-${next}`, role: 'viewer', project: '*' }); // grows the audit log
      }
    })();
    backup = await chartly.api.ok<BackupState>('/v1/backups', { method: 'POST' });
    const done = await until('the backup to end', async () => {
      const { backups } = await chartly.api.ok<BackupStates>('/v1/backups');
      const found = backups.find((one) => one.backup === backup.backup);
      return found?.state === 'running' ? undefined : found;
    });
    ended = true;
    await pushing;
    expect(done).toEqual({ ...backup, state: 'done' });
    expect(next).toBeGreaterThan(pushedBefore);
  });

  it('is refused when a file of it is not what it was', async () => {
    const damaged = join(home, 'damaged');
    const [file] = (await readdir(join(backup.folder, 'data', 'events'))).filter((name) => name.endsWith('.duckdb'));
    const stray = join(backup.folder, 'data', 'events', 'stray');
    await writeFile(stray, 'x');
    await expect(restoreBackup(backup.folder, damaged)).rejects.toMatchObject({ code: 'backup.damaged' });
    await rm(stray);
    expect(file).toBe('events.duckdb');
  });

  it('restores to books that balance, rows that the ledger promises, and a log that verifies', async () => {
    const before = await chartly.api.ok<Ledger>('/v1/projects/default/pipelines/metrics/ledger');
    await chartly.stop();
    restored = await ChartlyUnderTest.restored(backup.folder);
    const { api } = restored;
    const after = await settledLedger(api, 'metrics');
    expect(after.problems).toEqual([]);
    expect(after.balanced).toBe(true);
    expect(after.records.accepted).toBeGreaterThanOrEqual(pushedBefore);
    expect(after.records.accepted).toBeLessThanOrEqual(before.records.accepted);
    expect(after.rows.stored).toBe(after.records.accepted);
    expect(after.dataset.held).toBe(after.rows.stored);
    const question = { dataset: 'metrics', measures: { n: 'count()' } };
    const { rows } = await api.json<{ rows: unknown[][] }>('/v1/projects/default/query', question);
    expect(rows).toEqual([[after.dataset.held]]);
    expect(await verifyAudit(api)).toBeGreaterThan(0);
    await pushOneMore(restored);
    expect((await settledLedger(api, 'metrics')).balanced).toBe(true);
  });

  it('goes on with the mirror of the audit log where the copy of the log ends', async () => {
    const { size, publicKey } = await restored.api.ok<Checkpoint>('/v1/audit/checkpoint');
    const mirror = join(restored.dataDir, 'objects', 'audit');
    const verdict = await until('the mirror', async () => {
      const found = await verifyMirror(mirror, { publicKey }).catch(() => undefined); // it is being written
      return found?.verified === true && found.size >= size ? found : undefined;
    });
    expect(verdict).toMatchObject({ verified: true });
  });

  it('is not restored over data', async () => {
    await expect(restoreBackup(backup.folder, restored.dataDir)).rejects.toMatchObject({ code: 'restore.not_empty' });
  });

  async function pushOneMore({ api }: ChartlyUnderTest): Promise<void> {
    await api.ok(EVENTS, { body: ndjson([eventAt(1_000_000)]), type: 'application/x-ndjson' });
  }
});
