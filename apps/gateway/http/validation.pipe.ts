import { ArgumentMetadata, Injectable, ValidationError, ValidationPipe } from '@nestjs/common';
import { Ctor } from '#libs/contracts/contract';
import { BadRequest, FieldProblem, Unprocessable } from '#libs/errors/errors';
import { nullFields } from './null-fields';

/**
 * Rule 23: what a DTO does not declare is refused by name. A wrong path or query parameter is a 400, a body that parses
 * and does not fit is a 422.
 */
@Injectable()
export class RequestValidation extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => problemOf(errors),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && metadata.metatype) refuseNulls(metadata.metatype as Ctor<object>, value); // a DTO, or a built-in that declares nothing
    try {
      return await super.transform(value, metadata);
    } catch (thrown) {
      if (!(thrown instanceof Unprocessable) || metadata.type === 'body') throw thrown;
      throw new BadRequest(thrown.code, thrown.message, thrown.details);
    }
  }

  /** Raw bodies are bytes and carry no rules. */
  override toValidate(...[metadata]: Parameters<ValidationPipe['toValidate']>): boolean {
    return metadata.metatype !== Uint8Array && metadata.type !== 'custom' && super.toValidate(metadata);
  }
}

function refuseNulls(dto: Ctor<object>, value: unknown): void {
  const fields = nullFields(dto, value);
  if (fields.length > 0) throw refused(fields);
}

const problemOf = (errors: readonly ValidationError[]): Unprocessable =>
  refused(errors.flatMap((error) => fieldsOf(error, '')));

function refused(fields: readonly FieldProblem[]): Unprocessable {
  const [first] = fields;
  const more = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  return new Unprocessable('request.invalid', `${first?.path ?? 'body'}: ${first?.message ?? 'is wrong'}${more}.`, {
    fields,
  });
}

function fieldsOf(error: ValidationError, parent: string): FieldProblem[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    path,
    message: rule === 'whitelistValidation' ? 'unknown field' : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldsOf(child, path))];
}
