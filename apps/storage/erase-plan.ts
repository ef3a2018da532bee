import { EraseRows } from '#libs/contracts/erasure';
import { CheckedFilter } from '#libs/query/checked-filter';
import { checkPlan } from './checked-plan';
import { Dataset } from './dataset';

/** The conditions of an erasure, checked. Throws Unprocessable `query.invalid` that names each that does not fit. */
export function erasePlan(dataset: Dataset, { project, filters }: EraseRows): readonly CheckedFilter[] {
  const nothing = { measures: [], dimensions: [], columns: [], order: [], limit: 1 };
  return checkPlan({ project, dataset: dataset.dataset, ...nothing, filters }, dataset).filters;
}
