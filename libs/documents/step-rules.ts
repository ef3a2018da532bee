import { Problem } from './document-problems';
import { Step, STEP_KINDS } from './step';

/** What no schema can say of one step. */
export function stepProblems(step: Step, at: number): Problem[] {
  const kinds = STEP_KINDS.filter((kind) => step[kind] !== undefined);
  const path = `spec.steps[${at}]`;
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? 'has none' : `has ${kinds.join(' and ')}`;
    return [{ path, message: `takes exactly one of ${STEP_KINDS.join(', ')}, and ${found}` }];
  }
  if (step.reshape && at > 0) return [{ path, message: 'reshape can be the first step alone' }];
  return [];
}
