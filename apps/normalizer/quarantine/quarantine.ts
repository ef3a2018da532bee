import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RawBatch } from '#libs/contracts/connector-hub.contract';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { QuarantineTotals } from '#libs/contracts/quarantine';
import { QuarantineDraft } from '../core/run';

const CHUNK = 1_000;

const KEEP = `
  INSERT INTO normalizer.quarantine
         (batch_id, generation, index, project, pipeline, version, tried_version, step, reason, raw, format, columns, received_at)
  SELECT $1, $2, record.index, $3, $4, $5, $5, record.step, record.reason, record.raw, $10, $11, $12
    FROM unnest($6::int[], $7::text[], $8::text[], $9::bytea[]) AS record (index, step, reason, raw)
  ON CONFLICT DO NOTHING`;

const SUPERSEDE = `DELETE FROM normalizer.quarantine WHERE batch_id = $1 AND generation < $2`;

const TOTALS = `
  SELECT (count(*) FILTER (WHERE state = 'open'))::float8 AS quarantined,
         (count(*) FILTER (WHERE state = 'discarded'))::float8 AS discarded,
         (count(*) FILTER (WHERE held_by IS NOT NULL))::float8 AS held
    FROM normalizer.quarantine
   WHERE project = $1 AND pipeline = $2`;

/** Records that could not become rows. They never disappear by themselves and never stop the others. */
@Injectable()
export class Quarantine {
  constructor(private readonly database: DataSource) {}

  /** Keeps the records of a batch whole; the same again changes nothing, not even when a record's end is known. */
  async keep(batch: RawBatch, records: readonly QuarantineDraft[], columns?: readonly string[]): Promise<void> {
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
        chunk.map(({ reason }) => storable(reason)),
        chunk.map(({ raw }) => Buffer.from(raw)),
        batch.format,
        columns ?? null,
        batch.receivedAt,
      ]);
    }
  }

  /** What an earlier generation of the batch left goes: a replay decides anew about every record. */
  async supersede({ batchId, generation }: RawBatch): Promise<void> {
    await this.database.query(SUPERSEDE, [batchId, generation]);
  }

  async totals({ project, pipeline }: PipelineName): Promise<QuarantineTotals> {
    const [row] = await this.database.query<[QuarantineTotals]>(TOTALS, [project, pipeline]);
    return row;
  }
}

/** Postgres takes no U+0000 in a text. */
export const storable = (text: string): string => text.replaceAll('\0', '\\0');
