import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  ListQuarantine,
  QuarantinedRecord,
  QuarantinePage,
  QuarantineRecordRef,
  RecordState,
} from '#libs/contracts/quarantine';
import { BadRequest, NotFound } from '#libs/errors/errors';
import { readRecordId, recordIdOf, SELECTED, SELECTION_PARAMETERS, selectionParameters } from './selection';

const PAGE = 100;
/** What a list shows of a record. Unit: bytes. */
const LISTED_MAX = 4_096;

const parameter = (nth: number): string => `$${SELECTION_PARAMETERS + nth}`;

const SHOWN = `
  batch_id AS "batchId", generation, index, pipeline, version, step, reason, octet_length(raw) AS "rawBytes", at,
  to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS exact_at,
  attempts, coalesce(tried_version, version) AS "triedVersion", state, ended_at AS "endedAt", note`;

const LIST = `
  SELECT ${SHOWN}, substring(raw FROM 1 FOR ${LISTED_MAX}) AS raw
    FROM normalizer.quarantine
   WHERE ${SELECTED}
     AND state = ${parameter(1)}
     AND (${parameter(2)}::timestamptz IS NULL
          OR (at, batch_id, index) < (${parameter(2)}, ${parameter(3)}::uuid, ${parameter(4)}::int))
   ORDER BY at DESC, batch_id DESC, index DESC
   LIMIT ${parameter(5)}`;

const ONE = `
  SELECT ${SHOWN}, raw
    FROM normalizer.quarantine
   WHERE project = $1 AND batch_id = $2 AND generation = $3 AND index = $4`;

interface Row {
  readonly batchId: string;
  readonly generation: number;
  readonly index: number;
  readonly pipeline: string;
  readonly version: number;
  readonly step: string;
  readonly reason: string;
  readonly raw: Buffer;
  readonly rawBytes: number;
  readonly at: Date;
  /** To the microsecond: a cursor cut to the millisecond would jump over neighbours. */
  readonly exact_at: string;
  readonly attempts: number;
  readonly triedVersion: number;
  readonly state: RecordState;
  readonly endedAt: Date | null;
  readonly note: string | null;
}

/** What the quarantine holds, for people. */
@Injectable()
export class QuarantineListing {
  constructor(private readonly database: DataSource) {}

  /** Throws BadRequest `cursor.malformed`. */
  async list({ limit = PAGE, cursor, state = 'open', ...selection }: ListQuarantine): Promise<QuarantinePage> {
    const after = cursor === undefined ? [null, null, null] : readCursor(cursor);
    const rows = await this.database.query<Row[]>(LIST, [
      ...selectionParameters(selection),
      state,
      ...after,
      limit + 1,
    ]);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      records: page.map(recordOf),
      ...(rows.length > limit && last ? { next: writeCursor(last) } : {}),
    };
  }

  /** Throws NotFound `quarantine.unknown`. */
  async get({ project, id }: QuarantineRecordRef): Promise<QuarantinedRecord> {
    const { batchId, generation, index } = readRecordId(id);
    const [row] = await this.database.query<Row[]>(ONE, [project, batchId, generation, index]);
    if (!row) throw new NotFound('quarantine.unknown', `The quarantine of project "${project}" has no record ${id}.`);
    return recordOf(row);
  }
}

function recordOf({ generation, exact_at: _exact, endedAt, note, ...row }: Row): QuarantinedRecord {
  return {
    ...row,
    id: recordIdOf({ ...row, generation }),
    raw: row.raw.toString('utf8'),
    at: row.at.toISOString(),
    ...(endedAt ? { endedAt: endedAt.toISOString() } : {}),
    ...(note === null ? {} : { note }),
  };
}

const writeCursor = ({ exact_at: at, batchId, index }: Row): string =>
  Buffer.from(`${at} ${batchId} ${index}`).toString('base64url');

function readCursor(cursor: string): [string, string, number] {
  const [at = '', batchId = '', index = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (Number.isNaN(Date.parse(at)) || !/^[0-9a-f-]{36}$/.test(batchId) || !/^\d{1,9}$/.test(index)) {
    throw new BadRequest('cursor.malformed', 'The cursor is not one that a page before gave.');
  }
  return [at, batchId, Number(index)];
}
