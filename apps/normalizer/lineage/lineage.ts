import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { attemptOf } from '#libs/contracts/append-id';
import { ConnectorHubContract, RawBatch } from '#libs/contracts/connector-hub.contract';
import { OriginBatch, OriginRecord, RowLineage, RowLineages, TraceRow, TraceRows } from '#libs/contracts/lineage';
import { readRowId, rowIdOf, rowUnknown } from '#libs/contracts/row-id';
import { FIND_ROWS_MAX, FoundRows, RowOrigin } from '#libs/contracts/stored-rows';
import { StorageContract } from '#libs/contracts/storage.contract';
import { STEP_KINDS, Step } from '#libs/documents/step';
import { NotFound } from '#libs/errors/errors';
import { frame } from '#libs/framing/framing';
import { Engine } from '../engine/engine';
import { Versions } from '../versions';

const RAW_MAX_BYTES = 65_536;

/**
 * Where stored rows came from. Storage knows the append behind a row and the row's place in it; the append names the
 * batch and the version; and since a version makes the same rows of the same bytes, running it again finds the record.
 */
@Injectable()
export class Lineage {
  constructor(
    private readonly storage: StorageContract,
    private readonly hub: ConnectorHubContract,
    private readonly versions: Versions,
    private readonly engine: Engine,
  ) {}

  /** See `NormalizerContract.lineage`. */
  async of({ limit = 1, ...request }: TraceRows): Promise<RowLineages> {
    const found = await this.storage.find({ ...request, limit });
    const rows: RowLineage[] = [];
    for (const [at] of found.origins.entries()) rows.push(await this.ofFound(request, found, at));
    return { rows };
  }

  /** See `NormalizerContract.rowLineage`. */
  async ofOne({ project, dataset, id }: TraceRow): Promise<RowLineage> {
    const { key, origin } = readRowId(id);
    const found = await this.storage.find({ project, dataset, key, limit: FIND_ROWS_MAX });
    const at = found.origins.findIndex(({ appendId, row }) => appendId === origin.appendId && row === origin.row);
    if (at < 0) throw rowUnknown();
    return this.ofFound({ project, key }, found, at);
  }

  private async ofFound(
    { project, key }: Pick<TraceRows, 'project' | 'key'>,
    found: FoundRows,
    at: number,
  ): Promise<RowLineage> {
    const origin = found.origins[at]!; // one a row
    const traced = await this.trace(project, origin);
    return { id: rowIdOf({ key, origin }), row: rowOf(found, at), appendId: origin.appendId, steps: [], ...traced };
  }

  private async trace(project: string, { appendId, row }: RowOrigin): Promise<Partial<RowLineage>> {
    const attempt = attemptOf(appendId);
    if (!attempt) return {};
    const raw = await this.rawOf(attempt.batchId);
    const batch = originOf(attempt, raw);
    if (!raw) return { batch };
    const ready = await this.versions.ready({ project, pipeline: raw.pipeline, version: attempt.version });
    const steps = ready.install.steps.map(stepOf);
    if (raw.payload.byteLength === 0 || attempt.generation === undefined) return { batch, steps };
    const { payload, format, receivedAt } = raw;
    const meta = { batchId: raw.batchId, receivedAt: new Date(receivedAt) };
    const { rowEnds } = await this.engine.run(ready, { payload, format, meta });
    const record = recordAt(
      raw,
      rowEnds.findIndex((end) => end > row),
    );
    return { batch, steps, ...(record ? { record } : {}) };
  }

  private async rawOf(batchId: string): Promise<RawBatch | undefined> {
    try {
      return await this.hub.fetchBatch({ batchId });
    } catch (thrown) {
      if (thrown instanceof NotFound) return undefined;
      throw thrown;
    }
  }
}

const rowOf = ({ columns, rows }: FoundRows, at: number): RowLineage['row'] =>
  Object.fromEntries(columns.map(({ name }, column) => [name, rows[at]?.[column] ?? null]));

function originOf(
  { batchId, version, generation }: ReturnType<typeof attemptOf> & object,
  raw?: RawBatch,
): OriginBatch {
  const attempt = { batchId, version, ...(generation === undefined ? {} : { generation }) };
  if (!raw) return { ...attempt, rawKept: false };
  const { pipeline, runId, receivedAt, format, count, payload } = raw;
  const rawKept = payload.byteLength > 0;
  return {
    ...attempt,
    ...{ rawKept, pipeline, receivedAt, format, records: count },
    ...(runId === undefined ? {} : { runId }),
    ...(rawKept ? { bytes: payload.byteLength, sha256: createHash('sha256').update(payload).digest('hex') } : {}),
  };
}

function recordAt({ payload, format }: RawBatch, index: number): OriginRecord | undefined {
  if (index < 0) return undefined;
  const { starts, ends } = frame(payload, format);
  const bytes = payload.subarray(starts[index], ends[index]);
  return { index, raw: Buffer.from(bytes.subarray(0, RAW_MAX_BYTES)).toString('utf8') };
}

const stepOf = (step: Step): RowLineage['steps'][number] => ({
  ...(step.name === undefined ? {} : { name: step.name }),
  kind: STEP_KINDS.find((kind) => step[kind] !== undefined)!, // every step has one
});
