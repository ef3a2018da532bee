import { InstallSteps } from '#libs/contracts/steps';

/** Steps that give rows of `id`, `time` and `value`, into a dataset of the pipeline's name. */
export const valueSteps = (
  pipeline: string,
  { version = 1, schemas = {}, steps }: Pick<InstallSteps, 'steps'> & Partial<InstallSteps>,
): InstallSteps => ({
  project: 'default',
  pipeline,
  version,
  steps,
  schemas,
  dataset: pipeline,
  time: 'time',
  key: ['id'],
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'time', type: 'timestamp', nullable: false },
    { name: 'value', type: 'double', nullable: false },
  ],
});
