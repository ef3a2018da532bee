import { BIGINT, BOOLEAN, DOUBLE, DuckDBType, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import { PlanMeasure } from '#libs/contracts/query-plan';
import { ColumnType } from '#libs/documents/store';
import { Dataset } from '../dataset';
import { rollupMeasureType } from '../rollup';

/** Timestamps are microseconds UTC without a zone; json is kept as the text that came. */
const PHYSICAL = {
  string: VARCHAR,
  json: VARCHAR,
  int: BIGINT,
  double: DOUBLE,
  bool: BOOLEAN,
  timestamp: TIMESTAMP,
} as const satisfies Record<ColumnType, DuckDBType>;

export const duckType = (type: ColumnType): DuckDBType => PHYSICAL[type];

/** A sum of 64-bit integers may need more than 64 bits. */
export const measureSqlType = (dataset: Dataset, measure: PlanMeasure): string => {
  const type = rollupMeasureType(dataset, measure);
  return measure.fn === 'sum' && type === 'int' ? 'HUGEINT' : PHYSICAL[type].toString();
};
