import { Problem } from './document-problems';
import { durationMs } from './duration';
import { parseMeasure } from './measure';
import { RollupSpec } from './rollup';

const BUCKET_MIN_MS = 1_000;

/** What no schema can say of a pipeline's rollups. */
export const rollupProblems = (rollups: readonly RollupSpec[]): Problem[] =>
  rollups.flatMap((rollup, at) => [
    ...(rollups.findIndex(({ name }) => name === rollup.name) < at
      ? [{ path: `spec.rollups[${at}].name`, message: `"${rollup.name}" is the name of a rollup before it` }]
      : []),
    ...(durationMs(rollup.bucket) < BUCKET_MIN_MS
      ? [{ path: `spec.rollups[${at}].bucket`, message: 'is shorter than 1s' }]
      : []),
    ...Object.entries(rollup.measures).flatMap(([name, call]) => {
      const measure = parseMeasure(name, call);
      return typeof measure === 'string' ? [{ path: `spec.rollups[${at}].measures.${name}`, message: measure }] : [];
    }),
  ]);
