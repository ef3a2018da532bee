import { Logger } from '@nestjs/common';
import { BatchStuck } from '#libs/contracts/connector-hub.contract';
import { NotFound } from '#libs/errors/errors';
import { BatchWorker } from './batch-worker';

describe('a batch whose raw bytes cannot be read', () => {
  it('is reported with the reason, so that somebody sees why its pipeline stands', async () => {
    Logger.overrideLogger(false);
    const reported: BatchStuck[] = [];
    const hub = {
      fetchBatch: () => Promise.reject(new NotFound('object.unknown', 'There is no object "raw/a.segment".')),
      reportStuck: (stuck: BatchStuck) => Promise.resolve(void reported.push(stuck)),
    };
    const unused = undefined as never; // nothing is asked of the others before the bytes are there
    const worker = new BatchWorker(hub as never, unused, unused, unused, unused, unused, unused); // only these two calls
    await worker.normalize({ batchId: 'b', epoch: 3 });
    expect(reported).toEqual([{ batchId: 'b', epoch: 3, reason: 'There is no object "raw/a.segment".' }]);
  });
});
