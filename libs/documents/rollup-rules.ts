import { bucketOf } from '#libs/calendar/bucket';
import { commonStart } from '#libs/calendar/common-start';
import { isZone } from '#libs/calendar/zone';
import { BUCKET_UNITS } from './bucket-units';
import { Problem } from './document-problems';
import { parseDuration } from './duration';
import { parseMeasure } from './measure';
import { RollupSpec, rollupBucketOf } from './rollup';

const BUCKET_MIN_MS = 1_000;
/** Whether buckets meet is asked as of one moment, so that a document is right or wrong for ever. */
const MEETING_AT_US = 1_767_225_600_000_000n; // 2026-01-01

/** What no schema can say of a pipeline's rollups. */
export function rollupProblems(rollups: readonly RollupSpec[], retain?: string): Problem[] {
  const problems = rollups.flatMap((rollup, at) => [
    ...(rollups.findIndex(({ name }) => name === rollup.name) < at
      ? [{ path: `spec.rollups[${at}].name`, message: `"${rollup.name}" is the name of a rollup before it` }]
      : []),
    ...bucketProblems(rollup, `spec.rollups[${at}]`),
    ...Object.entries(rollup.measures).flatMap(([name, call]) => {
      const measure = parseMeasure(name, call);
      return typeof measure === 'string' ? [{ path: `spec.rollups[${at}].measures.${name}`, message: measure }] : [];
    }),
  ]);
  return problems.length === 0 && retain !== undefined ? meetingProblems(rollups) : problems;
}

function bucketProblems({ bucket, timezone }: RollupSpec, path: string): Problem[] {
  const isCalendar = BUCKET_UNITS.some((unit) => unit === bucket);
  const widthMs = parseDuration(bucket);
  if (widthMs !== undefined && widthMs < BUCKET_MIN_MS)
    return [{ path: `${path}.bucket`, message: 'is shorter than 1s' }];
  if (timezone === undefined) return [];
  if (!isCalendar)
    return [
      { path: `${path}.timezone`, message: `goes with a bucket of the calendar alone: ${BUCKET_UNITS.join(', ')}` },
    ];
  if (!isZone(timezone))
    return [{ path: `${path}.timezone`, message: `"${timezone}" is no IANA time zone, like Europe/Vienna` }];
  return [];
}

/** Rows go at a start that all buckets have in common, since none is ever computed from a part of its rows. */
function meetingProblems(rollups: readonly RollupSpec[]): Problem[] {
  const buckets = rollups.map((rollup) => bucketOf(rollupBucketOf(rollup)));
  for (let at = 1; at < buckets.length; at += 1) {
    if (commonStart(buckets.slice(0, at + 1), MEETING_AT_US) !== undefined) continue;
    return [
      {
        path: `spec.rollups[${at}].bucket`,
        message:
          'never begins together with the buckets of the rollups before it, and "retain" takes rows out where all begin: give days and longer ones the same timezone',
      },
    ];
  }
  return [];
}
