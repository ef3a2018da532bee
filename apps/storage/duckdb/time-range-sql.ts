import { timestampValue } from '@duckdb/node-api';
import { quoted } from './identifiers';
import { Parameters } from './parameters';

/** A half-open range of time, open where there is no end. Unit: microseconds since 1970 UTC. */
export interface TimeRange {
  readonly fromUs?: bigint;
  readonly toUs?: bigint;
}

/** Whether a row's time lies in a range. */
export function timeRangeSql(time: string, { fromUs, toUs }: TimeRange, parameters: Parameters): string {
  const conditions = [
    ...(fromUs === undefined ? [] : [`${quoted(time)} >= ${parameters.add(timestampValue(fromUs))}`]),
    ...(toUs === undefined ? [] : [`${quoted(time)} < ${parameters.add(timestampValue(toUs))}`]),
  ];
  return conditions.length === 0 ? 'TRUE' : conditions.join(' AND ');
}
