import type { InstallSteps } from '#libs/contracts/steps';
import type { JsonSchema } from '#libs/documents/pipeline';
import type { Step } from '#libs/documents/step';
import { CompiledStep } from './pipeline';

/** More fields than this, over all maps, are no light work. */
const FIELDS_MAX = 100;
const SCHEMA_WEIGHT = 10;
const SCHEMA_MAX_CHARS = 10_000;
/** Keywords by which a schema may look at a value over and over. */
const REPEATING = /"(?:\$ref|\$dynamicRef|anyOf|oneOf|allOf|not|if|contains|uniqueItems|unevaluated\w+)"/;

/** How many fields the steps work on; a schema counts as ten. */
export function weightOf(steps: readonly Step[]): number {
  const sizes = steps.map(({ map, set, unset, rename, redact, lookup, validate }) => {
    const named = [map, set, rename, redact, lookup?.set].map((one) => Object.keys(one ?? {}).length);
    return 1 + (unset?.length ?? 0) + (validate ? SCHEMA_WEIGHT : 0) + named.reduce((sum, size) => sum + size, 0);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Steps whose time grows with a record's size alone, by a small factor: paths, conversions, comparisons, flat schemas. */
export function isLightWork(steps: readonly CompiledStep[], { schemas }: InstallSteps): boolean {
  let fields = 0;
  const light = steps.every((step) => {
    switch (step.kind) {
      case 'map':
        fields += step.fields.length;
        return step.fields.every(({ direct }) => direct !== undefined);
      case 'filter':
        return step.expression.shortcut !== undefined;
      case 'validate':
      case 'validate-record':
        return Object.values(schemas).every(isFlat);
      case 'done':
        return true;
      default:
        return false;
    }
  });
  return light && fields <= FIELDS_MAX;
}

function isFlat(schema: JsonSchema): boolean {
  const text = JSON.stringify(schema);
  return text.length <= SCHEMA_MAX_CHARS && !REPEATING.test(text);
}
