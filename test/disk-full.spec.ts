import { join } from 'node:path';
import { SmallDisk } from '#libs/testing/small-disk';
import { applyMetrics, eventAt, ledgerOf, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const missing = SmallDisk.missing();
const BATCH = 500;
const MIB = 2 ** 20;

/** Fault 10: the disk of the events runs full in the middle of ingest, and has room again later. */
(missing === undefined ? describe : describe.skip)(
  `a full disk of the event store${missing === undefined ? '' : ` [skipped: ${missing}]`}`,
  () => {
    let disk: SmallDisk;
    let chartly: ChartlyUnderTest;
    let pushed = 0;

    beforeAll(async () => {
      chartly = await ChartlyUnderTest.start(
        'one process',
        { CHARTLY_EVENTS_DISK_RESERVE: '4MiB' },
        async (dataDir) => (disk = await SmallDisk.mount(join(dataDir, 'events'), 64)),
      );
      await applyMetrics(chartly.api);
    });
    afterAll(async () => {
      await chartly?.stop().finally(() => disk?.unmount());
      await chartly?.end();
    });

    async function push(): Promise<number> {
      const events = Array.from({ length: BATCH }, (_, at) => eventAt(pushed + at));
      const { status } = await chartly.api.send('/v1/projects/default/pipelines/metrics/events', {
        body: ndjson(events),
        type: 'application/x-ndjson',
      });
      if (status === 202) pushed += BATCH;
      return status;
    }

    async function failedAppends(): Promise<number> {
      const counts = (await chartly.metrics()).matchAll(
        /^chartly_store_seconds_count\{(?=[^}]*operation="append")(?=[^}]*outcome="(?:failed|refused)")[^}]*\} (\d+)$/gm,
      );
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    }

    const counted = async (): Promise<unknown> => {
      const { rows } = await chartly.api.json<{ rows: unknown[][] }>('/v1/projects/default/query', {
        dataset: 'metrics',
        measures: { n: 'count()', ids: 'distinct(id)' },
      });
      return rows[0];
    };

    it('holds in the inbox what is acknowledged, answers questions, and stores each event once when there is room', async () => {
      expect(await push()).toBe(202);
      await settledLedger(chartly.api, 'metrics');

      await disk.fill(3 * MIB); // less than the reserve
      const earlier = await failedAppends();
      await until('the store to refuse an append', async () => {
        expect(await push()).toBe(202);
        return (await failedAppends()) > earlier ? true : undefined;
      });
      const waiting = await ledgerOf(chartly.api, 'metrics');
      const { held } = waiting.dataset; // some may have been stored in the second before the disk was looked at
      expect(waiting).toMatchObject({ balanced: true, records: { accepted: pushed, pending: pushed - held } });
      expect(held).toBeLessThan(pushed);
      expect(await counted()).toEqual([held, held]);

      await disk.clear();
      const ledger = await settledLedger(chartly.api, 'metrics');
      expect({ problems: ledger.problems, balanced: ledger.balanced }).toEqual({ problems: [], balanced: true });
      expect(ledger.dataset).toMatchObject({ stored: pushed, held: pushed });
      expect(await counted()).toEqual([pushed, pushed]);
    });
  },
);
