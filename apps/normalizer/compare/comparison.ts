import { Injectable } from '@nestjs/common';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { ConnectorHubContract, RawBatch } from '#libs/contracts/connector-hub.contract';
import { CompareSteps, RowsDifference } from '#libs/contracts/rows-difference';
import { NotFound } from '#libs/errors/errors';
import { frame } from '#libs/framing/framing';
import { Engine, ReadySteps } from '../engine/engine';
import { Versions } from '../versions';
import { Difference, outcomeOf } from './difference';

const RAW_MAX_BYTES = 4_096;
/** Records that are compared between two chances of others to run. */
const RECORDS_AT_ONCE = 200;

/** Runs a version and the steps that are to follow it over the newest raw records, and tells what differs. Keeps nothing. */
@Injectable()
export class Comparison {
  constructor(
    private readonly hub: ConnectorHubContract,
    private readonly versions: Versions,
    private readonly engine: Engine,
  ) {}

  /** See `NormalizerContract.compare`. */
  async of({ fromVersion, steps, records }: CompareSteps): Promise<RowsDifference> {
    const { project, pipeline } = steps;
    const before = await this.versions.ready({ project, pipeline, version: fromVersion });
    const after = await this.versions.compiledOf(steps);
    const { batchIds } = await this.hub.recentBatches({ project, pipeline, records });
    const difference = new Difference();
    for (const batchId of batchIds) {
      const left = records - difference.records;
      if (left <= 0) break;
      const batch = await this.rawOf(batchId);
      if (batch && batch.payload.byteLength > 0) await this.compare(batch, before, after, left, difference);
    }
    const { records: compared, changed, rowsBefore, rowsAfter, fields, outcomes, examples } = difference;
    const counts = { records: compared, same: compared - changed, changed, rowsBefore, rowsAfter };
    return { pipeline, fromVersion, ...counts, fields, outcomes, examples };
  }

  private async compare(
    { batchId, payload, format, receivedAt }: RawBatch,
    before: ReadySteps,
    after: ReadySteps,
    limit: number,
    difference: Difference,
  ): Promise<void> {
    const input = { payload, format, meta: { batchId, receivedAt: new Date(receivedAt) } };
    const old = await this.engine.run(before, input);
    const now = await this.engine.run(after, input);
    const { starts, ends } = frame(payload, format);
    const [failedOld, failedNow] = [old, now].map(
      ({ quarantined }) => new Map(quarantined.map((one) => [one.index, one])),
    ) as [Map<number, (typeof old.quarantined)[number]>, Map<number, (typeof old.quarantined)[number]>]; // of both
    for (let index = 0; index < Math.min(old.framed, limit); index += 1) {
      if (index % RECORDS_AT_ONCE === RECORDS_AT_ONCE - 1) await othersTurn();
      difference.add(outcomeOf(old, failedOld, index), outcomeOf(now, failedNow, index), () => {
        const bytes = payload.subarray(starts[index], ends[index]);
        return { batchId, index, raw: Buffer.from(bytes.subarray(0, RAW_MAX_BYTES)).toString('utf8') };
      });
    }
  }

  /** Its raw bytes may have gone since it was listed. */
  private async rawOf(batchId: string): Promise<RawBatch | undefined> {
    try {
      return await this.hub.fetchBatch({ batchId });
    } catch (thrown) {
      if (thrown instanceof NotFound) return undefined;
      throw thrown;
    }
  }
}
