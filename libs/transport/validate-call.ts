import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { getMetadataStorage, validate, ValidationError } from 'class-validator';
import { Ctor } from '#libs/contracts/contract';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';

/** Names that reach behind an object instead of into it. */
const NEVER_FIELDS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A payload as its DTO class (rule 23): nothing missing, nothing that it does not declare. Bytes and columns are passed
 * as they are: only what a DTO declares as another DTO is walked. Throws Unprocessable `call.invalid` that names each
 * offending field.
 */
export async function validateCall<T extends object>(dto: Ctor<T>, payload: unknown): Promise<T> {
  if (!isPlain(payload)) throw refused(dto, [{ path: '', message: 'is not an object' }]);
  const fields: FieldProblem[] = [];
  const instance = instanceOf(dto, payload, '', fields);
  if (fields.length === 0) {
    const errors = declaresFields(dto) ? await validate(instance, RULES) : unknownFields(instance);
    fields.push(...errors.flatMap((error) => fieldsOf(error, '')));
  }
  if (fields.length > 0) throw refused(dto, fields);
  return instance;
}

const RULES = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
} as const;

/** Unlike class-transformer's own, it copies nothing but the DTOs themselves: a batch of rows stays where it is. */
function instanceOf<T extends object>(dto: Ctor<T>, payload: object, at: string, problems: FieldProblem[]): T {
  const instance = new dto();
  for (const [name, value] of Object.entries(payload)) {
    const path = at === '' ? name : `${at}.${name}`;
    if (NEVER_FIELDS.has(name)) problems.push({ path, message: 'unknown field' });
    else Reflect.set(instance, name, nested(dto, name, value, path, problems));
  }
  return instance;
}

function nested(dto: Ctor, name: string, value: unknown, path: string, problems: FieldProblem[]): unknown {
  const inner = dtoOf(dto, name);
  if (!inner) return value;
  if (Array.isArray(value)) {
    if (!isList(dto, name)) problems.push({ path, message: 'must be an object' });
    return value.map((item: unknown, at) =>
      isPlain(item) ? instanceOf(inner, item, `${path}[${at}]`, problems) : item,
    );
  }
  return isPlain(value) ? instanceOf(inner, value, path, problems) : value;
}

/** The class that `@Type(() => X)` declares for a field. */
function dtoOf(dto: Ctor, name: string): Ctor | undefined {
  const type: unknown = defaultMetadataStorage.findTypeMetadata(dto, name)?.typeFunction();
  return typeof type === 'function' ? (type as Ctor) : undefined; // contracts declare classes without arguments
}

/** Whether a field is declared as a list: class-validator would take one for a single nested object too. */
const isList = (dto: Ctor, name: string): boolean => Reflect.getMetadata('design:type', dto.prototype, name) === Array;

/** class-validator takes a class without rules for an unknown one; ours has no fields. */
const declaresFields = (dto: Ctor): boolean =>
  getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false).length > 0;

const unknownFields = (instance: object): ValidationError[] =>
  Object.keys(instance).map((property) =>
    Object.assign(new ValidationError(), { property, constraints: { whitelistValidation: '' } }),
  );

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function fieldsOf(error: ValidationError, parent: string): FieldProblem[] {
  const place = /^\d+$/.test(error.property) ? `[${error.property}]` : `.${error.property}`;
  const path = parent === '' ? error.property : `${parent}${place}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    path,
    message: rule === 'whitelistValidation' ? 'unknown field' : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldsOf(child, path))];
}

function refused(dto: Ctor, fields: readonly FieldProblem[]): Unprocessable {
  const [first] = fields;
  const place = first?.path ? `${dto.name}.${first.path}` : dto.name;
  return new Unprocessable('call.invalid', `${place}: ${first?.message ?? 'is wrong'}.`, { fields });
}
