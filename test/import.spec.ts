import { DuckDBInstance } from '@duckdb/node-api';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { QueryReply, RollupStatuses } from '#libs/contracts/analytics.contract';
import { EntryPage } from '#libs/contracts/audit.contract';
import { ImportReceipt } from '#libs/contracts/imports';
import { Problem } from '#libs/errors/problem';
import { METRICS_PIPELINE, applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { ROOT } from './support/paths';
import { until } from './support/until';

const PROJECT = '/v1/projects/default';
const PUSHED = 100;
/** Rows of 400 characters that nothing makes shorter: so many that the command cuts the file. */
const MANY = 20_000;

const MONTHLY = `    - { name: copies_monthly, bucket: month, timezone: Asia/Kathmandu, measures: { n: count(), most: max(value) } }
`;

describe('imports', () => {
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
    const copy = `${METRICS_PIPELINE.replaceAll('metrics', 'copies')}${MONTHLY}`;
    await chartly.api.ok(`${PROJECT}/apply`, { body: copy, type: 'application/yaml' });
    const body = ndjson(Array.from({ length: PUSHED }, (_, at) => eventAt(at)));
    await chartly.api.ok(`${PROJECT}/pipelines/metrics/events`, { body, type: 'application/x-ndjson' });
    await settledLedger(chartly.api, 'metrics');
  });
  afterAll(() => chartly.end());

  const chartlyCommand = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['bin/chartly.js', ...args, '--url', chartly.api.url],
      { cwd: ROOT, env: { ...process.env, CHARTLY_DATA_DIR: chartly.dataDir } },
    );
    return stdout.startsWith('{') ? (JSON.parse(stdout) as Record<string, unknown>) : {};
  };

  it.each(['parquet', 'ndjson', 'csv'])(
    'bring an export in %s back as the same rows, once however often, with balanced books',
    async (format) => {
      const file = join(chartly.dataDir, `metrics.${format}`);
      await chartlyCommand('export', 'metrics', '-o', file);
      const first = await chartlyCommand('import', 'copies', file, '-o', 'json', '--id', `first-${format}`);
      const isFirst = format === 'parquet';
      expect(first).toMatchObject({ rows: PUSHED, stored: isFirst ? PUSHED : 0, duplicate: isFirst ? 0 : PUSHED });
      const again = await chartlyCommand('import', 'copies', file, '-o', 'json', '--id', `first-${format}`);
      expect(again).toEqual({ ...first, repeated: true });

      const { dataset, balanced, problems } = await settledLedger(chartly.api, 'copies');
      expect([problems, balanced]).toEqual([[], true]);
      expect(dataset).toMatchObject({ stored: PUSHED, held: PUSHED, imported: PUSHED });
      const rows = `${PROJECT}/datasets/copies/rows`;
      const copied = await chartly.api.ok<{ rows: unknown[] }>(rows);
      expect(copied.rows).toEqual((await chartly.api.ok<{ rows: unknown[] }>(rows.replace('copies', 'metrics'))).rows);
    },
  );

  it('cut a large file, count every row of it, and go on where they broke off', async () => {
    const file = join(chartly.dataDir, 'many.parquet');
    const duck = await (await DuckDBInstance.create()).connect();
    await duck.run(`
      COPY (SELECT 'm-' || i AS id, TIMESTAMP '2025-01-01' + to_seconds(i) AS time, (SELECT string_agg(md5((i * 100 + j)::VARCHAR), '') FROM range(13) AS parts(j)) AS host, i * 0.5 AS value
              FROM range(${MANY}) AS numbers(i)) TO '${file}' (FORMAT parquet)`);
    const before = (await settledLedger(chartly.api, 'metrics')).dataset;
    const receipt = await chartlyCommand('import', 'metrics', file, '-o', 'json');
    expect(receipt).toMatchObject({ rows: MANY, stored: MANY, duplicate: 0, repeated: false });
    expect(await chartlyCommand('import', 'metrics', file, '-o', 'json')).toEqual({ ...receipt, repeated: true });
    const { dataset, balanced } = await settledLedger(chartly.api, 'metrics');
    expect([dataset.held, dataset.imported, balanced]).toEqual([before.held + MANY, MANY, true]);
  });

  it('are told by the months of a zone, as its document asks, and by raw rows alike', async () => {
    const { api } = chartly;
    const asked = { dataset: 'copies', bucket: 'month', zone: 'Asia/Kathmandu', measures: { n: 'count()' } };
    const reply = await until('the rollup to be up to date', async () => {
      const answer = await api.json<QueryReply>(`${PROJECT}/query`, asked);
      return answer.servedBy === 'rollup/copies_monthly' && answer.repairedBuckets === 0 ? answer : undefined;
    });
    const raw = await api.json<QueryReply>(`${PROJECT}/query`, { ...asked, raw: true });
    expect(reply.rows).toEqual(raw.rows);
    expect(raw.servedBy).toBe('dataset/copies');
    const { rollups } = await api.ok<RollupStatuses>(`${PROJECT}/rollups`);
    const own = rollups.find(({ name }) => name === 'copies_monthly');
    expect(own).toMatchObject({
      dataset: 'copies',
      unit: 'month',
      zone: 'Asia/Kathmandu',
      dirtyBuckets: 0,
      progress: 1,
    });
    const verified = await chartlyCommand('rollup', 'verify', 'copies_monthly', '-o', 'json');
    expect(verified).toMatchObject({ mismatches: 0, groups: reply.rows.length });
  });

  it('come from archives too, which go with all of their objects when they are deleted', async () => {
    const { archive, rows } = await chartlyCommand('archive', 'create', 'copies', '-o', 'json');
    expect(rows).toBe(PUSHED);
    const id = String(archive);
    const restored = await chartlyCommand('archive', 'restore', 'copies', id, '--into', 'metrics', '-o', 'json');
    expect(restored).toMatchObject({ archive: id, state: 'done', rows: PUSHED, stored: 0 });
    const gone = await chartlyCommand('archive', 'delete', 'copies', id, '-o', 'json');
    expect(gone).toMatchObject({ archive: id, kind: 'archive', state: 'removed', rows: PUSHED });
    await expect(chartlyCommand('archive', 'restore', 'copies', id)).rejects.toThrow(`no whole archive ${id}`);
    await expect(chartlyCommand('archive', 'delete', 'copies', id)).rejects.toThrow(`no archive ${id}`);
    const leaf = await until('the entry of the deletion', async () => {
      const page = '/v1/audit/entries?action=dataset.archive_delete&target=Dataset/copies';
      return (await chartly.api.ok<EntryPage>(page)).entries[0]?.leaf;
    });
    expect(leaf).toContain(`archive ${id} of ${PUSHED} rows`);
  });

  it('store all rows of a file or none, and say which do not fit', async () => {
    const file = join(chartly.dataDir, 'wrong.ndjson');
    const good = '{"id":"w","time":"2026-01-01T00:00:00Z","host":"a","value":1}\n';
    await writeFile(file, `${good}{"id":"x","time":"soon"}\n`);
    await expect(chartlyCommand('import', 'copies', file)).rejects.toThrow('row 2, time: "soon" is not a time');
    const { api } = chartly;
    const path = `${PROJECT}/datasets/copies/import?id=mine`;
    const sent = { body: good, type: 'application/x-ndjson' };
    const receipt = await api.ok<ImportReceipt>(path, sent);
    expect(receipt).toEqual({ id: 'mine', rows: 1, stored: 1, merged: 0, stale: 0, duplicate: 0, repeated: false });
    const other = await api.send<Problem>(path, { ...sent, body: good.replace('"w"', '"v"') });
    expect([other.status, other.body.code]).toEqual([409, 'import.reused']);
    const imports = await until('the entry of the last import', async () => {
      const { entries } = await api.ok<EntryPage>('/v1/audit/entries?action=dataset.import&target=Dataset/copies');
      const ids = entries.map(({ leaf }) => /import ([\w-]+) of/.exec(leaf)?.[1]);
      return ids.includes('mine') ? ids : undefined;
    });
    expect(imports).toEqual(['first-parquet', 'first-ndjson', 'first-csv', 'mine']);
  });
});
