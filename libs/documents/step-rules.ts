import { Problem } from './document-problems';
import { Lookup, Step, STEP_KINDS } from './step';

/** What no schema can say of one step. */
export function stepProblems(step: Step, at: number): Problem[] {
  const kinds = STEP_KINDS.filter((kind) => step[kind] !== undefined);
  const path = `spec.steps[${at}]`;
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? 'has none' : `has ${kinds.join(' and ')}`;
    return [{ path, message: `takes exactly one of ${STEP_KINDS.join(', ')}, and ${found}` }];
  }
  if (step.reshape && at > 0) return [{ path, message: 'reshape can be the first step alone' }];
  return step.lookup ? lookupProblems(step.lookup, `${path}.lookup`) : [];
}

function lookupProblems({ table, dataset, by }: Lookup, path: string): Problem[] {
  if ((table === undefined) === (dataset === undefined)) {
    return [{ path, message: 'takes a table or a dataset, one of the two' }];
  }
  if (dataset !== undefined && by === undefined) {
    return [{ path, message: 'needs "by", the column of the dataset that the key is looked for in' }];
  }
  return dataset === undefined && by !== undefined
    ? [{ path: `${path}.by`, message: 'goes with a dataset alone' }]
    : [];
}
