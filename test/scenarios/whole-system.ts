import { QuarantinePage } from '#libs/contracts/quarantine';
import { SystemHealth } from '#libs/contracts/observer.contract';
import { SERVICES } from '#libs/contracts/contract';
import { until } from '../support/until';
import { ChartlyUnderTest } from '../support/chartly';
import { verifyAudit } from './audit';
import { expectedHourly } from './expected-hourly';
import {
  BROKEN_RECORDS,
  expectBalancedBooks,
  hourlyRows,
  hourlyRowsFromRaw,
  loadEarthquakes,
  Upstream,
} from './earthquakes';

/** The main job, from a public API to a rollup and a proof; the same for every layout and engine. */
export function wholeSystem(chartly: () => ChartlyUnderTest, upstream: () => Upstream): void {
  it('pulls a week of earthquakes through all nine services', async () => {
    const run = await loadEarthquakes(chartly().api, upstream());
    expect(run.steps.map(({ name, state }) => [name, state])).toEqual([
      ['pull', 'succeeded'],
      ['normalize', 'succeeded'],
      ['refresh', 'succeeded'],
    ]);
  });

  it('keeps books that balance, to the record', async () => {
    await expectBalancedBooks(chartly().api);
  });

  it('has the same hourly counts and maxima as a plain script over the file, from the rollup and from raw rows', async () => {
    const expected = await expectedHourly();
    expect(await hourlyRows(chartly().api)).toEqual(expected);
    expect(await hourlyRowsFromRaw(chartly().api)).toEqual(expected);
  });

  it('shows each quarantined record as it came, with step and reason', async () => {
    const { records } = await chartly().api.ok<QuarantinePage>(
      '/v1/projects/default/pipelines/earthquakes/quarantine?limit=100',
    );
    expect(records).toHaveLength(BROKEN_RECORDS);
    for (const { raw, step, reason } of records) {
      expect(raw).not.toBe('');
      expect(step).not.toBe('');
      expect(reason).not.toBe('');
    }
  });

  it('changes nothing when the same documents are applied again', async () => {
    const before = await chartly().api.ok<object>('/v1/projects/default/documents');
    const run = await loadEarthquakes(chartly().api, upstream());
    expect(run.version).toBe(1);
    expect(await chartly().api.ok<object>('/v1/projects/default/documents')).toEqual(before);
  });

  it('sees all nine services ready in one view', async () => {
    const health = await chartly().api.ok<SystemHealth>('/v1/health');
    expect(health.services.map(({ service }) => service).sort()).toEqual([...SERVICES].sort());
    expect(health).toMatchObject({ ready: true });
  });

  it('rule 8: sees a record of its own come through from push to query', async () => {
    const canary = await until('the canary to come through', async () => {
      const health = await chartly().api.ok<SystemHealth>('/v1/health');
      return health.canary.state === 'ok' ? health.canary : undefined;
    });
    expect(canary.tookMs).toBeGreaterThan(0);
    expect(new Date(canary.lastAt!).getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('can prove what it did', async () => {
    const verified = await verifyAudit(chartly().api);
    expect(verified).toBeGreaterThan(0);
  });
}
