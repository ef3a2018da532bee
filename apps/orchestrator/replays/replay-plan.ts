import { StartReplay } from '#libs/contracts/orchestrator.contract';
import { PipelineDocument } from '#libs/documents/pipeline';
import { Step } from '#libs/documents/step';
import { Unprocessable } from '#libs/errors/errors';

/** Marks a pipeline that a replay made for its new dataset. */
export const REPLAY_OF = 'replay-of';

/** What a replay covers; ends before now, so that what comes meanwhile is not of it. */
export function rangeOf({ from, to }: Pick<StartReplay, 'from' | 'to'>, now: Date): { from: string; to: string } {
  const end = Math.min(to === undefined ? now.getTime() : Date.parse(to), now.getTime());
  if (!(Date.parse(from) < end)) {
    throw new Unprocessable(
      'replay.range',
      `A replay covers batches that came from "from" to before "to", and not the future: ${from} is not before ${new Date(end).toISOString()}.`,
    );
  }
  return { from: new Date(from).toISOString(), to: new Date(end).toISOString() };
}

/**
 * The pipeline that takes the copies for a new dataset: the same steps, no source, no schedule, no rollups. What the
 * version looked up in a dataset it looks up in the same rows, whatever the dataset has by now.
 */
export function copyFor(
  { apiVersion, kind, metadata, spec }: PipelineDocument,
  dataset: string,
  frozen: readonly Step[] = spec.steps,
): PipelineDocument {
  return {
    apiVersion,
    kind,
    metadata: { name: dataset, project: metadata.project, labels: { ...metadata.labels, [REPLAY_OF]: metadata.name } },
    spec: { steps: frozen.map(withTableAlone), store: { ...spec.store, dataset }, keepRaw: 'none' },
  };
}

/** An empty table cannot be written out, and is read from its dataset again. */
function withTableAlone(step: Step): Step {
  const { lookup } = step;
  if (lookup?.dataset === undefined) return step;
  const { dataset, by, table = {}, ...rest } = lookup;
  const isEmpty = Object.keys(table).length === 0;
  return { ...step, lookup: isEmpty ? { ...rest, dataset, by } : { ...rest, table } };
}
