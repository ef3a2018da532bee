import { JsonSchema } from '../json-schema';
import { misfits, SchemaMisfit } from './misfits';

export const COMPATIBILITY_MODES = [
  'none',
  'backward',
  'backward_transitive',
  'forward',
  'forward_transitive',
  'full',
  'full_transitive',
] as const;
/**
 * What a new version of a schema must keep. `backward`: it accepts whatever the version before accepts. `forward`: the
 * version before accepts whatever it accepts. `full`: both. `_transitive`: of all versions before, not of the last alone.
 */
export type CompatibilityMode = (typeof COMPATIBILITY_MODES)[number];

export interface SchemaVersion {
  readonly version: number;
  readonly jsonSchema: JsonSchema;
}

export interface Incompatibility extends SchemaMisfit {
  readonly version: number;
  readonly direction: 'backward' | 'forward';
}

/** Where a new schema breaks the promise of `mode` towards the versions before it, in whatever order these come. */
export function incompatibilities(
  mode: CompatibilityMode,
  next: JsonSchema,
  earlier: readonly SchemaVersion[],
): Incompatibility[] {
  if (mode === 'none') return [];
  const newestFirst = [...earlier].sort((a, b) => b.version - a.version);
  const compared = mode.endsWith('_transitive') ? newestFirst : newestFirst.slice(0, 1);
  return compared.flatMap(({ version, jsonSchema }) => [
    ...(mode.startsWith('forward')
      ? []
      : misfits(next, jsonSchema).map((one) => ({ ...one, version, direction: 'backward' as const }))),
    ...(mode.startsWith('backward')
      ? []
      : misfits(jsonSchema, next).map((one) => ({ ...one, version, direction: 'forward' as const }))),
  ]);
}
