import { QueryPlan } from '#libs/contracts/query-plan';
import { FindRows } from '#libs/contracts/stored-rows';
import { Unprocessable } from '#libs/errors/errors';
import { CheckedPlan, checkPlan } from './checked-plan';
import { Dataset } from './dataset';

/**
 * The rows of a key as a plan that fits the dataset. Throws Unprocessable `key.incomplete` when a column of the key has
 * no value, `query.invalid` for a value that does not fit its column.
 */
export function findPlan(dataset: Dataset, { project, key, at, limit }: FindRows): CheckedPlan {
  const missing = dataset.key.filter((name) => key[name] === undefined);
  const others = Object.keys(key).filter((name) => !dataset.key.includes(name));
  if (missing.length > 0 || others.length > 0) {
    throw new Unprocessable(
      'key.incomplete',
      `The key of "${dataset.dataset}" is ${dataset.key.join(', ')}: give a value for each, and for nothing else.`,
    );
  }
  const filters: QueryPlan['filters'] = dataset.key.map((column) => ({ column, op: 'eq', value: key[column] }));
  if (at !== undefined) filters.push({ column: dataset.time, op: 'eq', value: at });
  const order = [{ by: dataset.time, descending: true }];
  const plan = { project, dataset: dataset.dataset, measures: [], dimensions: [], columns: [], filters, order, limit };
  return checkPlan(plan, dataset);
}
