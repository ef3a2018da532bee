import { timestampValue } from '@duckdb/node-api';
import { TimeRange } from '../whole-buckets';
import { quoted } from './identifiers';
import { Parameters } from './parameters';

/** Whether a row's time lies in a range. */
export function timeRangeSql(time: string, { fromUs, toUs }: TimeRange, parameters: Parameters): string {
  const conditions = [
    ...(fromUs === undefined ? [] : [`${quoted(time)} >= ${parameters.add(timestampValue(fromUs))}`]),
    ...(toUs === undefined ? [] : [`${quoted(time)} < ${parameters.add(timestampValue(toUs))}`]),
  ];
  return conditions.length === 0 ? 'TRUE' : conditions.join(' AND ');
}
