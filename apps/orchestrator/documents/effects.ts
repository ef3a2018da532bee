import { canonicalJson } from '#libs/documents/canonical';
import { Document } from '#libs/documents/pipeline';
import { Schedule } from '#libs/documents/schedule';
import { Store } from '#libs/documents/store';
import { ResolvedPipeline } from '#libs/documents/resolve';
import { addressOf, kindOf, Source } from '#libs/documents/source';

/** What applying a document does, in sentences. */
export function effectsOf(document: Document, resolved?: ResolvedPipeline, before?: ResolvedPipeline): string[] {
  if (document.kind !== 'Pipeline' || !resolved) return [];
  return [
    ...columnEffects(resolved, before),
    ...lookupEffects(resolved, before),
    ...rollupEffects(resolved, before),
    ...sourceEffects(resolved, before),
    ...scheduleEffects(resolved, before),
  ];
}

function columnEffects({ spec, columns }: ResolvedPipeline, before?: ResolvedPipeline): string[] {
  const { dataset } = spec.store;
  if (before?.spec.store.dataset !== dataset) {
    return [`dataset ${dataset} can hold ${columns.length} columns`, ...keepingEffects(spec.store)];
  }
  const known = new Map(before.columns.map(({ name, type }) => [name, type]));
  const keeps = spec.store.retain === before.spec.store.retain ? [] : [retainEffect(spec.store)];
  return [
    ...keeps,
    ...columns.flatMap(({ name, type }) => {
      const earlier = known.get(name);
      if (earlier === undefined) return [`adds column ${name} (${type}) to dataset ${dataset}`];
      if (earlier === 'int' && type === 'double')
        return [`holds column ${name} of dataset ${dataset} as double from now on`];
      return [];
    }),
  ];
}

function lookupEffects({ spec: { steps } }: ResolvedPipeline, before?: ResolvedPipeline): string[] {
  const earlier = new Set(
    (before?.spec.steps ?? []).flatMap(({ lookup }) => (lookup?.dataset ? [canonicalJson(lookup)] : [])),
  );
  return steps.flatMap(({ lookup }) => {
    if (lookup?.dataset === undefined || earlier.has(canonicalJson(lookup))) return [];
    return [`looks up in the ${Object.keys(lookup.table ?? {}).length} rows that dataset ${lookup.dataset} has now`];
  });
}

const retainEffect = ({ dataset, retain }: Store): string =>
  retain === undefined
    ? `keeps the rows of dataset ${dataset} for ever from now on`
    : `deletes rows of dataset ${dataset} that are older than ${retain}, and keeps what rollups say of them`;

function keepingEffects(store: Store): string[] {
  return [...identityEffects(store), ...(store.retain === undefined ? [] : [retainEffect(store)])];
}

function identityEffects({ dataset, mode, version, deleted, key, dedupe }: Store): string[] {
  if (mode === 'merge') {
    const deletes = deleted === undefined ? '' : `; a row whose ${deleted} is true deletes its key`;
    return [`dataset ${dataset} keeps of each ${key.join(', ')} the row with the newest ${version ?? ''}${deletes}`];
  }
  return dedupe ? [`dataset ${dataset} keeps one row a ${key.join(', ')}, whatever its time`] : [];
}

function rollupEffects({ rollups }: ResolvedPipeline, before?: ResolvedPipeline): string[] {
  const earlier = new Map((before?.rollups ?? []).map((rollup) => [rollup.name, canonicalJson(rollup)]));
  const kept = new Set(rollups.map(({ name }) => name));
  return [
    ...rollups
      .filter((rollup) => earlier.get(rollup.name) !== canonicalJson(rollup))
      .map(({ name }) =>
        earlier.has(name) ? `recomputes rollup ${name}` : `computes rollup ${name} from the rows that are there`,
      ),
    ...[...earlier.keys()].filter((name) => !kept.has(name)).map((name) => `removes rollup ${name}`),
  ];
}

function sourceEffects({ spec: { source } }: ResolvedPipeline, before?: ResolvedPipeline): string[] {
  const earlier = before?.spec.source;
  if (!source) return before && !earlier ? [] : ['takes pushed events'];
  if (!earlier) return [`pulls from ${placeOf(source)}`];
  if (placeOf(earlier) !== placeOf(source)) return [`pulls from ${placeOf(source)} instead of ${placeOf(earlier)}`];
  return canonicalJson(earlier) === canonicalJson(source) ? [] : ['asks its source in another way'];
}

const placeOf = (source: Source): string => addressOf(source) ?? kindOf(source);

function scheduleEffects({ spec }: ResolvedPipeline, before?: ResolvedPipeline): string[] {
  const [now, earlier] = [spec.schedule, before?.spec.schedule];
  if (!now) {
    if (earlier) return ['stops pulling by itself'];
    return spec.source && !before?.spec.source ? ['pulls when it is told to'] : [];
  }
  if (!earlier) return [`starts pulling ${rhythmOf(now)}, at once for the first time`];
  if (sameRhythm(now, earlier)) return [];
  return [`pulls ${rhythmOf(now)} instead of ${rhythmOf(earlier)}, at once for the first time`];
}

const rhythmOf = ({ every, cron, timezone }: Schedule): string =>
  every === undefined ? `at "${cron}" ${timezone ?? 'UTC'}` : `every ${every}`;

/** Whether two schedules tick at the same times, whatever else they say. */
export const sameRhythm = (a: Schedule, b: Schedule): boolean => rhythmOf(a) === rhythmOf(b);
