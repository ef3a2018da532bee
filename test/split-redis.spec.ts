import { describeWithRedis, startTestRedis, TestRedis } from '#libs/testing/redis';
import { nineProcesses, pushBatches } from './scenarios/nine-processes';
import { applyMetrics, settledLedger } from './scenarios/pushed-events';

describeWithRedis('nine processes with Redis', () => {
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis.stop());

  nineProcesses(
    () => redis,
    (chartly) => {
      it('fault 5: loses nothing when Redis is emptied in the middle of ingest', async () => {
        await applyMetrics(chartly().api);
        for (let round = 0; round < 5; round += 1) {
          await pushBatches(chartly(), round * 1_000, 10, 100);
          await redis.flush();
        }
        const ledger = await settledLedger(chartly().api, 'metrics');
        expect(ledger.records).toMatchObject({ accepted: 5_000, normalized: 5_000 });
        expect(ledger.dataset).toMatchObject({ stored: 5_000, held: 5_000 });
        expect(ledger).toMatchObject({ problems: [], balanced: true });
      });
    },
  );
});
