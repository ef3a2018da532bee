import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { getMetadataStorage, IS_OPTIONAL } from 'class-validator';
import { Ctor } from '#libs/contracts/contract';
import { FieldProblem } from '#libs/errors/errors';

/**
 * The fields of a body that a DTO declares as optional and that are null. To class-validator null is as good as left out,
 * but the description of the API says that it is not of the field's type, and a service that asks "is it there?" would
 * find that it is. A body of bytes has no fields.
 */
export function nullFields(dto: Ctor<object>, value: unknown, at = ''): FieldProblem[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => nullFields(dto, item, `${at}.${index}`));
  const optional = optionalFields(dto);
  return Object.entries(value).flatMap(([name, field]: [string, unknown]) => {
    const path = at === '' ? name : `${at}.${name}`;
    if (field === null) return optional.has(name) ? [{ path, message: 'must not be null; leave it out' }] : [];
    const inner = dtoOf(dto, name);
    return inner ? nullFields(inner, field, path) : [];
  });
}

const known = new WeakMap<Ctor<object>, ReadonlySet<string>>();

function optionalFields(dto: Ctor<object>): ReadonlySet<string> {
  const kept = known.get(dto);
  if (kept) return kept;
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = new Set(rules.filter(({ name }) => name === IS_OPTIONAL).map(({ propertyName }) => propertyName));
  known.set(dto, names);
  return names;
}

/** The class that `@Type(() => X)` declares for a field. */
function dtoOf(dto: Ctor<object>, name: string): Ctor<object> | undefined {
  const type: unknown = defaultMetadataStorage.findTypeMetadata(dto, name)?.typeFunction();
  return typeof type === 'function' ? (type as Ctor<object>) : undefined; // contracts declare classes without arguments
}
