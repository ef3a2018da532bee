import { Counter, Histogram, Registry } from 'prom-client';
import { StepTally } from '../core/run';
import { StepMetrics } from './step-metrics';

describe('the metrics of steps', () => {
  const LABELS = ['project', 'pipeline', 'step'];

  it('count what each step did with its records, and how long it took over those that were timed', async () => {
    const registry = new Registry();
    const metrics = new StepMetrics(
      new Counter({ name: 'records', help: 'r', labelNames: [...LABELS, 'outcome'], registers: [registry] }),
      new Histogram({ name: 'seconds', help: 's', labelNames: LABELS, buckets: [0.01, 1], registers: [registry] }),
    );
    const tally = (label: string, passed: number, filtered: number, quarantined: number): StepTally => {
      return { label, kind: 'map', passed, filtered, quarantined, seconds: [0.001, 0.5] };
    };
    const name = { project: 'default', pipeline: 'quakes' };
    metrics.observe(name, [tally('only strong', 8, 2, 0), tally('map (step 2)', 7, 0, 1)]);
    metrics.observe(name, [tally('only strong', 1, 0, 0)]);
    const text = await registry.metrics();
    for (const line of [
      'records{project="default",pipeline="quakes",step="only strong",outcome="passed"} 9',
      'records{project="default",pipeline="quakes",step="only strong",outcome="filtered"} 2',
      'records{project="default",pipeline="quakes",step="map (step 2)",outcome="quarantined"} 1',
      'seconds_bucket{le="0.01",project="default",pipeline="quakes",step="only strong"} 2',
      'seconds_count{project="default",pipeline="quakes",step="only strong"} 4',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).not.toContain('step="map (step 2)",outcome="filtered"');
  });
});
