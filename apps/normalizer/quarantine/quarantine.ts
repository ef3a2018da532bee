import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RawBatch } from '#libs/contracts/connector-hub.contract';
import { ListQuarantine, QuarantinePage, QuarantineTotals } from '#libs/contracts/quarantine';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { BadRequest } from '#libs/errors/errors';
import { QuarantineDraft } from '../core/run';

const PAGE = 100;
const CHUNK = 1_000;
/** A longer record is kept up to here; the whole of it is in the raw batch. Unit: bytes. */
const RAW_MAX = 65_536;

const KEEP = `
  INSERT INTO normalizer.quarantine (batch_id, generation, index, project, pipeline, version, step, reason, raw)
  SELECT $1, $2, record.index, $3, $4, $5, record.step, record.reason, record.raw
    FROM unnest($6::int[], $7::text[], $8::text[], $9::bytea[]) AS record (index, step, reason, raw)
  ON CONFLICT DO NOTHING`;

const SUPERSEDE = `DELETE FROM normalizer.quarantine WHERE batch_id = $1 AND generation < $2`;

const TOTALS = `
  SELECT count(*)::bigint AS quarantined, count(discarded_at)::bigint AS discarded
    FROM normalizer.quarantine
   WHERE project = $1 AND pipeline = $2`;

const LIST = `
  SELECT batch_id, version, index, step, reason, raw, at,
         to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS exact_at
    FROM normalizer.quarantine
   WHERE project = $1
     AND pipeline = $2
     AND discarded_at IS NULL
     AND ($3::timestamptz IS NULL OR (at, batch_id, index) < ($3, $4::uuid, $5::int))
   ORDER BY at DESC, batch_id DESC, index DESC
   LIMIT $6`;

interface Row {
  readonly batch_id: string;
  readonly version: number;
  readonly index: number;
  readonly step: string;
  readonly reason: string;
  readonly raw: Buffer;
  readonly at: Date;
  /** To the microsecond: a cursor cut to the millisecond would jump over neighbours. */
  readonly exact_at: string;
}

/** Records that could not become rows. They never disappear by themselves and never stop the others. */
@Injectable()
export class Quarantine {
  constructor(private readonly database: DataSource) {}

  /** Keeps the records of a batch; the same again changes nothing. */
  async keep(batch: RawBatch, records: readonly QuarantineDraft[]): Promise<void> {
    for (let at = 0; at < records.length; at += CHUNK) {
      const chunk = records.slice(at, at + CHUNK);
      await this.database.query(KEEP, [
        batch.batchId,
        batch.generation,
        batch.project,
        batch.pipeline,
        batch.version,
        chunk.map(({ index }) => index),
        chunk.map(({ step }) => step),
        chunk.map(({ reason }) => reason.replaceAll('\0', '\\0')),
        chunk.map(({ raw }) => Buffer.from(raw.subarray(0, RAW_MAX))),
      ]);
    }
  }

  /** What an earlier generation of the batch left goes: a replay decides anew about every record. */
  async supersede({ batchId, generation }: RawBatch): Promise<void> {
    await this.database.query(SUPERSEDE, [batchId, generation]);
  }

  async totals({ project, pipeline }: PipelineName): Promise<QuarantineTotals> {
    const [row] = await this.database.query<{ quarantined: string; discarded: string }[]>(TOTALS, [project, pipeline]);
    return { quarantined: Number(row?.quarantined), discarded: Number(row?.discarded) };
  }

  async list({ project, pipeline, limit = PAGE, cursor }: ListQuarantine): Promise<QuarantinePage> {
    const after = cursor === undefined ? [null, null, null] : readCursor(cursor);
    const rows = await this.database.query<Row[]>(LIST, [project, pipeline, ...after, limit + 1]);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      records: page.map(({ batch_id: batchId, version, index, step, reason, raw, at }) => ({
        batchId,
        version,
        index,
        step,
        reason,
        raw: raw.toString('utf8'),
        at: at.toISOString(),
      })),
      ...(rows.length > limit && last ? { next: writeCursor(last) } : {}),
    };
  }
}

const writeCursor = ({ exact_at: at, batch_id: batchId, index }: Row): string =>
  Buffer.from(`${at} ${batchId} ${index}`).toString('base64url');

function readCursor(cursor: string): [string, string, number] {
  const [at = '', batchId = '', index = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (Number.isNaN(Date.parse(at)) || !/^[0-9a-f-]{36}$/.test(batchId) || !/^\d+$/.test(index)) {
    throw new BadRequest('cursor.malformed', 'The cursor is not one that a page before gave.');
  }
  return [at, batchId, Number(index)];
}
