import { KEEP_RAW_PATTERN } from '../keep-raw';
import { HOOK } from './hook.schema';
import { PIPELINE_TEST } from './pipeline-test.schema';
import { ROLLUP } from './rollup.schema';
import { SCHEDULE } from './schedule.schema';
import { SOURCE } from './source.schema';
import { STEP } from './step.schema';
import { STORE } from './store.schema';
import { closed, documentSchema } from './parts';

/** A Pipeline, as draft 2020-12; `PipelineSpec` is the same in types. */
export const PIPELINE_SCHEMA = documentSchema(
  'Pipeline',
  closed(
    {
      schedule: SCHEDULE,
      source: SOURCE,
      hook: HOOK,
      steps: { type: 'array', items: STEP, maxItems: 100 },
      store: STORE,
      keepRaw: { type: 'string', pattern: KEEP_RAW_PATTERN },
      rollups: { type: 'array', items: ROLLUP, maxItems: 50 },
      tests: { type: 'array', items: PIPELINE_TEST, maxItems: 100 },
    },
    ['steps', 'store'],
  ),
);
