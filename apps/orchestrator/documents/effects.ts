import { Document } from '#libs/documents/pipeline';
import { ResolvedPipeline } from '#libs/documents/resolve';

/** What applying a document does, in sentences. */
export function effectsOf(document: Document, resolved?: ResolvedPipeline, before?: ResolvedPipeline): string[] {
  if (document.kind !== 'Pipeline' || !resolved) return [];
  const { schedule, store, source } = document.spec;
  const effects: string[] = [];
  if (!before) {
    effects.push(`dataset ${store.dataset} can hold ${resolved.columns.length} columns`);
  } else {
    const known = new Set(before.columns.map(({ name }) => name));
    for (const { name, type } of resolved.columns) {
      if (!known.has(name)) effects.push(`adds column ${name} (${type}) to dataset ${store.dataset}`);
    }
  }
  const rollupsBefore = new Map((before?.rollups ?? []).map((rollup) => [rollup.name, JSON.stringify(rollup)]));
  for (const rollup of resolved.rollups) {
    const earlier = rollupsBefore.get(rollup.name);
    if (earlier === undefined) effects.push(`computes rollup ${rollup.name} from the rows that are there`);
    else if (earlier !== JSON.stringify(rollup)) effects.push(`recomputes rollup ${rollup.name}`);
    rollupsBefore.delete(rollup.name);
  }
  for (const name of rollupsBefore.keys()) effects.push(`removes rollup ${name}`);
  if (source && schedule)
    effects.push(
      `pulls ${schedule.every ? `every ${schedule.every}` : `at ${schedule.cron} ${schedule.timezone ?? 'UTC'}`}, at once for the first time`,
    );
  else if (source) effects.push('pulls when it is told to');
  else effects.push('takes pushed events');
  return effects;
}
