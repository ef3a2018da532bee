import { BadRequest } from '#libs/errors/errors';
import { QuarantineFilter } from '#libs/contracts/quarantine';

/** Which quarantined records a question or a task means. */
export interface Selection extends QuarantineFilter {
  readonly project: string;
  readonly records?: readonly string[];
}

/** The records of a selection, over the parameters that {@link selectionParameters} gives. */
export const SELECTED = `
      project = $1
  AND ($2::text IS NULL OR pipeline = $2)
  AND ($3::int IS NULL OR version = $3)
  AND ($4::text IS NULL OR step = $4)
  AND ($5::text IS NULL OR strpos(lower(reason), lower($5)) > 0)
  AND ($6::text IS NULL OR position(convert_to($6, 'UTF8') IN raw) > 0)
  AND ($7::timestamptz IS NULL OR at >= $7)
  AND ($8::timestamptz IS NULL OR at < $8)
  AND ($9::uuid[] IS NULL OR (batch_id, generation, index) IN (SELECT * FROM unnest($9::uuid[], $10::int[], $11::int[])))`;
export const SELECTION_PARAMETERS = 11;

export function selectionParameters(selection: Selection): unknown[] {
  const { project, pipeline, version, step, reason, text, from, to, records } = selection;
  const [since, until] = [from, to].map((time) => (time === undefined ? null : instantOf(time)));
  const ids = records?.map(readRecordId);
  return [
    project,
    ...[pipeline, version, step, reason, text].map((one) => one?.toString().replaceAll('\0', '') ?? null),
    since,
    until,
    ids?.map(({ batchId }) => batchId) ?? null,
    ids?.map(({ generation }) => generation) ?? null,
    ids?.map(({ index }) => index) ?? null,
  ];
}

/** Throws BadRequest `quarantine.malformed_time` for a day that no month has, or a year that Postgres does not know. */
function instantOf(time: string): Date {
  const instant = new Date(time);
  if (!Number.isNaN(instant.getTime()) && instant.getUTCFullYear() >= 1) return instant;
  throw new BadRequest('quarantine.malformed_time', `"${time}" is no time. Write it as 2026-01-31T00:00:00Z.`);
}

export interface RecordId {
  readonly batchId: string;
  readonly generation: number;
  readonly index: number;
}

export const recordIdOf = ({ batchId, generation, index }: RecordId): string => `${batchId}.${generation}.${index}`;

/** Reads an id that has the form of one (`IsRecordId`). */
export function readRecordId(id: string): RecordId {
  const [batchId = '', generation, index] = id.split('.');
  return { batchId, generation: Number(generation), index: Number(index) };
}
