import { cronProblem } from './cron';
import { Problem } from './document-problems';
import { durationMs } from './duration';
import { hookProblems } from './hook';
import { keepRawProblems } from './keep-raw';
import { PipelineSpec } from './pipeline';
import { testProblems } from './pipeline-test';
import { rollupProblems } from './rollup-rules';
import { Schedule } from './schedule';
import { sourceProblems } from './sources/source-rules';
import { stepProblems } from './step-rules';
import { storeProblems } from './store-rules';

const EVERY_MIN_MS = 1_000;

/** What no schema can say: what holds between the members of one pipeline. */
export function pipelineProblems(spec: PipelineSpec): Problem[] {
  return [
    ...(spec.schedule ? scheduleProblems(spec.schedule, spec.source !== undefined) : []),
    ...(spec.source ? sourceProblems(spec.source) : []),
    ...(spec.hook ? hookProblems(spec.hook) : []),
    ...spec.steps.flatMap(stepProblems),
    ...storeProblems(spec.store),
    ...rollupProblems(spec.rollups ?? [], spec.store.retain),
    ...(spec.keepRaw === undefined ? [] : keepRawProblems(spec.keepRaw)),
    ...(spec.tests ?? []).flatMap(testProblems),
  ];
}

function scheduleProblems(schedule: Schedule, hasSource: boolean): Problem[] {
  const { every, cron, timezone } = schedule;
  if (!hasSource) return [{ path: 'spec.schedule', message: 'pulls from a source, and the pipeline has none' }];
  if ((every === undefined) === (cron === undefined)) {
    return [{ path: 'spec.schedule', message: 'takes exactly one of "every" and "cron"' }];
  }
  if (every !== undefined) {
    if (timezone !== undefined) return [{ path: 'spec.schedule.timezone', message: 'goes with "cron" alone' }];
    return durationMs(every) < EVERY_MIN_MS ? [{ path: 'spec.schedule.every', message: 'is shorter than 1s' }] : [];
  }
  const problem = cronProblem(cron ?? '', timezone ?? 'UTC');
  return problem === undefined ? [] : [{ path: 'spec.schedule.cron', message: problem }];
}
