import { applyDecorators } from '@nestjs/common';
import {
  IsInstance,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidationOptions,
} from 'class-validator';

/** Names of projects, pipelines, datasets and rollups: they become table, file and URL parts, hence the narrow set. */
export const NAME_PATTERN = /^[a-z][a-z0-9_-]{0,62}$/;
const NAME_RULE = 'must be 1 to 63 of a-z, 0-9, "_" and "-", beginning with a letter';

export const IsName = (options: ValidationOptions = {}): PropertyDecorator =>
  applyDecorators(IsString(options), Matches(NAME_PATTERN, { ...options, message: `$property ${NAME_RULE}` }));

/** A project, or `*` for the system as a whole. */
export const IsScope = (): PropertyDecorator =>
  applyDecorators(
    IsString(),
    Matches(/^(?:\*|[a-z][a-z0-9_-]{0,62})$/, { message: `$property must be "*" or a project's name` }),
  );

/** Labels of a document: up to 50, each text to text. */
export const IsLabels = (): PropertyDecorator =>
  applyDecorators(
    IsObject(),
    ValidateBy({
      name: 'isLabels',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          Object.keys(value).length <= 50 &&
          Object.entries(value).every(
            ([key, text]) => key.length <= 100 && typeof text === 'string' && text.length <= 200,
          ),
        defaultMessage: () => '$property must be an object of up to 50 texts',
      },
    }),
  );

export const IsId = (options?: ValidationOptions): PropertyDecorator => IsUUID(undefined, options);

/** A count of things: a safe integer, 0 or more. */
export const IsCount = (): PropertyDecorator => applyDecorators(IsInt(), Min(0));

/** A version number of a document: 1, 2, 3 … */
export const IsVersion = (): PropertyDecorator => applyDecorators(IsInt(), Min(1));

export const IsShortText = (max = 500, options?: ValidationOptions): PropertyDecorator =>
  applyDecorators(IsString(options), MaxLength(max, options));

/** Raw bytes, passed on as they are. */
export const IsBytes = (): PropertyDecorator => IsInstance(Uint8Array);

export const PAGE_MAX = 1_000;

/** How many items a page may hold, 1 to {@link PAGE_MAX}; the service's default when left out. */
export const IsPageLimit = (): PropertyDecorator => applyDecorators(IsOptional(), IsInt(), Min(1), Max(PAGE_MAX));

/** The opaque `next` of the page before. */
export const IsPageCursor = (): PropertyDecorator => applyDecorators(IsOptional(), IsString(), MaxLength(1_000));
