import { Dataset } from '../dataset';
import { columnType, createRows, createRollup, createSuperseded, dropTable, quoted } from './tables';

const dataset: Dataset = {
  project: 'default',
  dataset: 'cpu',
  columns: [
    { name: 'host', type: 'string', nullable: false },
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'usage', type: 'int', nullable: true },
  ],
  time: 'at',
  key: ['host'],
  identity: { by: 'time' },
  schemaVersion: 1,
};
const cluster = { cluster: 'main' };

describe('tables of ClickHouse', () => {
  it('lie on every replica of a cluster, each with its place in the keeper', () => {
    const sql = createRows(7, dataset, cluster);
    expect(sql).toMatch(/CREATE TABLE IF NOT EXISTS chartly_rows_7 ON CLUSTER `main`/);
    expect(sql).toContain("ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/chartly_rows_7', '{replica}')");
    expect(createSuperseded(7, cluster)).toMatch(/ON CLUSTER `main`.*\s+ENGINE = ReplicatedMergeTree/);
    const rollup = { name: 'hourly', bucketMs: 3_600_000, by: ['host'], measures: [] };
    expect(createRollup(3, dataset, rollup, cluster)).toContain("chartly_rollup_3', '{replica}')");
    expect(dropTable('chartly_rollup_3', cluster)).toBe('DROP TABLE IF EXISTS chartly_rollup_3 ON CLUSTER `main`');
  });

  it('are plain on a single node', () => {
    expect(createRows(7, dataset, {})).not.toMatch(/CLUSTER|Replicated/);
  });

  it('are sorted by day and key where the time tells events apart, else by key', () => {
    expect(createRows(7, dataset, {})).toContain('ORDER BY (intDiv(`at`, 86400000000), `host`, `at`)');
    expect(createRows(7, { ...dataset, identity: { by: 'key' } }, {})).toContain('ORDER BY (`host`, `at`)');
  });

  it('let be null what does not tell events apart, whatever the document says today', () => {
    expect(dataset.columns.map((column) => columnType(dataset, column))).toEqual([
      'String',
      'Int64',
      'Nullable(Int64)',
    ]);
  });

  it('take any name as one name', () => {
    expect(quoted('a`b\\c')).toBe('`a\\`b\\\\c`');
  });
});
