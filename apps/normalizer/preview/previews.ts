import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { Preview, PreviewedRecord, PreviewSteps } from '#libs/contracts/preview';
import { frame } from '#libs/framing/framing';
import { MeteredResult, QuarantineDraft } from '../core/run';
import { rowJson } from '../core/row-json';
import { Engine } from '../engine/engine';
import { Versions } from '../versions';

const SHOWN = 100;
const RAW_MAX_BYTES = 65_536;
/** What `meta.batch` says of records that are in no batch. */
const NO_BATCH = '00000000-0000-0000-0000-000000000000';

/** Shows what steps would make of raw bytes. Keeps nothing. */
@Injectable()
export class Previews {
  constructor(
    private readonly versions: Versions,
    private readonly engine: Engine,
    private readonly clock: Clock,
  ) {}

  /** See `NormalizerContract.preview`. */
  async preview({ steps, format, payload, limit = SHOWN }: PreviewSteps): Promise<Preview> {
    const ready = await this.versions.compiledOf(steps);
    const meta = { batchId: NO_BATCH, receivedAt: this.clock.now() };
    const result = await this.engine.run(ready, { payload, format, meta });
    const { starts, ends } = frame(payload, format);
    const { framed, normalized, filtered, quarantined, rows } = result;
    const failures = new Map(quarantined.map((one) => [one.index, one]));
    const shown = Array.from({ length: Math.min(framed, limit) }, (_, at) =>
      recordOf(result, failures.get(at), at, payload.subarray(starts[at], ends[at])),
    );
    return { framed, normalized, filtered, quarantined: quarantined.length, produced: rows.length, records: shown };
  }
}

function recordOf(
  { rows, rowEnds }: MeteredResult,
  failed: QuarantineDraft | undefined,
  index: number,
  bytes: Uint8Array,
): PreviewedRecord {
  const raw = Buffer.from(bytes.subarray(0, RAW_MAX_BYTES)).toString('utf8');
  if (failed) return { index, raw, outcome: 'quarantined', rows: [], step: failed.step, reason: failed.reason };
  const [from = 0, to = 0] = [index === 0 ? 0 : rowEnds[index - 1], rowEnds[index]];
  const made = Array.from({ length: to - from }, (_, at) => rowJson(rows, from + at));
  return { index, raw, outcome: made.length === 0 ? 'filtered' : 'normalized', rows: made };
}
