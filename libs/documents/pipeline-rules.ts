import { compile } from 'json-p3';
import { cronProblem } from './cron';
import { Problem } from './document-problems';
import { durationMs } from './duration';
import { parseMeasure } from './measure';
import { PipelineSpec, Schedule, Source, Step, STEP_KINDS } from './pipeline';

const EVERY_MIN_MS = 1_000;
const BUCKET_MIN_MS = 1_000;

/** What no schema can say: what holds between the members of one pipeline. */
export function pipelineProblems(spec: PipelineSpec): Problem[] {
  return [
    ...(spec.schedule ? scheduleProblems(spec.schedule, spec.source !== undefined) : []),
    ...(spec.source ? sourceProblems(spec.source) : []),
    ...spec.steps.flatMap(stepProblems),
    ...(spec.rollups ?? []).flatMap((rollup, at) => [
      ...((spec.rollups ?? []).findIndex(({ name }) => name === rollup.name) < at
        ? [{ path: `spec.rollups[${at}].name`, message: `"${rollup.name}" is the name of a rollup before it` }]
        : []),
      ...(durationMs(rollup.bucket) < BUCKET_MIN_MS
        ? [{ path: `spec.rollups[${at}].bucket`, message: 'is shorter than 1s' }]
        : []),
      ...Object.entries(rollup.measures).flatMap(([name, call]) => {
        const measure = parseMeasure(name, call);
        return typeof measure === 'string' ? [{ path: `spec.rollups[${at}].measures.${name}`, message: measure }] : [];
      }),
    ]),
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

function sourceProblems({ http, paginate, cursor }: Source): Problem[] {
  const problems: Problem[] = [];
  if (paginate && (paginate.offset === undefined) === (paginate.nextUrl === undefined)) {
    problems.push({ path: 'spec.source.paginate', message: 'takes exactly one of "offset" and "nextUrl"' });
  }
  const paths = [
    ['spec.source.http.records', http.records],
    ['spec.source.paginate.nextUrl.path', paginate?.nextUrl?.path],
    ['spec.source.cursor.path', cursor?.path],
  ] as const;
  for (const [path, jsonPath] of paths) {
    const problem = jsonPath === undefined ? undefined : jsonPathProblem(jsonPath);
    if (problem !== undefined) problems.push({ path, message: problem });
  }
  return problems;
}

function stepProblems(step: Step, at: number): Problem[] {
  const kinds = STEP_KINDS.filter((kind) => step[kind] !== undefined);
  const path = `spec.steps[${at}]`;
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? 'has none' : `has ${kinds.join(' and ')}`;
    return [{ path, message: `takes exactly one of ${STEP_KINDS.join(', ')}, and ${found}` }];
  }
  if (step.reshape && at > 0) return [{ path, message: 'reshape can be the first step alone' }];
  return [];
}

function jsonPathProblem(path: string): string | undefined {
  try {
    compile(path);
    return undefined;
  } catch (thrown) {
    return `"${path}" is no JSONPath (RFC 9535): ${thrown instanceof Error ? thrown.message : ''}`;
  }
}
