import { plainToInstance } from 'class-transformer';
import { validate, ValidationError } from 'class-validator';
import { Ctor } from '#libs/contracts/contract';
import { FieldProblem, Unprocessable } from '#libs/errors/errors';

/** Members that carry bytes or columns: checked by who reads them, and far too large to walk. */
const BULK = new Set(['body', 'payload', 'rows']);

/** A payload as its DTO class (rule 23). Throws Unprocessable `call.invalid` naming each offending field. */
export async function validateCall<T extends object>(dto: Ctor<T>, payload: unknown): Promise<T> {
  if (typeof payload !== 'object' || payload === null) {
    throw new Unprocessable('call.invalid', `The call carries no ${dto.name}.`);
  }
  const bulk = Object.entries(payload).filter(([name]) => BULK.has(name));
  const plain = Object.fromEntries(Object.entries(payload).filter(([name]) => !BULK.has(name)));
  const instance = Object.assign(plainToInstance(dto, plain), Object.fromEntries(bulk));
  const errors = await validate(instance, {
    whitelist: false,
    forbidUnknownValues: false,
    skipMissingProperties: false,
    validationError: { target: false, value: false },
  });
  const fields = errors.filter(({ property }) => !BULK.has(property)).flatMap((error) => fieldsOf(error, ''));
  if (fields.length === 0) return instance;
  const [first] = fields;
  throw new Unprocessable('call.invalid', `${dto.name}.${first?.path}: ${first?.message}.`, { fields });
}

function fieldsOf(error: ValidationError, parent: string): FieldProblem[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldsOf(child, path))];
}
