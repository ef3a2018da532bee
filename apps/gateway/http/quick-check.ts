import { defaultMetadataStorage as transforms } from 'class-transformer/cjs/storage';
import { TransformationType } from 'class-transformer';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { Ctor } from '#libs/contracts/contract';

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Condition = (object: object, value: unknown) => boolean;

/** A field of a DTO whose rules can be asked one by one. */
interface Field {
  readonly name: string;
  readonly isNumber: boolean;
  readonly conditions: readonly Condition[];
  readonly passes: readonly ((value: unknown, object: object) => unknown)[];
}

/**
 * Makes parameters of a path or a query the DTO that they fit, by the very rules that class-validator would ask, without
 * its errors, groups and promises. Gives undefined unless it is certain: then class-validator decides, and says what is
 * wrong.
 */
export function quickCheck<T extends object>(dto: Ctor<T>): (values: unknown) => T | undefined {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))];
  const fields = new Map(
    names.map((name) => [
      name,
      fieldOf(
        dto,
        name,
        rules.filter((rule) => rule.propertyName === name),
      ),
    ]),
  );
  if (fields.size === 0) return () => undefined; // class-validator knows no such class
  const known = [...fields.values()];
  return (values) => {
    if (typeof values !== 'object' || values === null) return undefined;
    const made = new dto();
    for (const [name, value] of Object.entries(values)) {
      const field = fields.get(name);
      if (field === undefined || typeof value !== 'string') return undefined;
      Reflect.set(made, name, field.isNumber ? Number(value) : value);
    }
    return known.every((field) => field !== undefined && fits(field, made)) ? made : undefined;
  };
}

function fits({ name, conditions, passes }: Field, object: object): boolean {
  const value: unknown = Reflect.get(object, name);
  if (conditions.some((condition) => !condition(object, value))) return true;
  return passes.every((passes) => passes(value, object) === true);
}

/** Undefined for a field with a rule, or a way to come about, that is not of the plain kind. */
function fieldOf(dto: Ctor<object>, name: string, rules: readonly Rule[]): Field | undefined {
  const type = transforms.findTypeMetadata(dto, name)?.typeFunction();
  const isShaped =
    (type !== undefined && type !== Number) ||
    transforms.findTransformMetadatas(dto, name, TransformationType.PLAIN_TO_CLASS).length > 0 ||
    transforms.findExposeMetadata(dto, name) !== undefined ||
    transforms.findExcludeMetadata(dto, name) !== undefined;
  const conditions = rules.filter((rule) => rule.type === ValidationTypes.CONDITIONAL_VALIDATION);
  const custom = rules.filter((rule) => rule.type === ValidationTypes.CUSTOM_VALIDATION);
  const isPlain = custom.every((rule) => !rule.each && !rule.validateIf && !rule.context);
  if (isShaped || !isPlain || conditions.length + custom.length < rules.length) return undefined;
  return {
    name,
    isNumber: type === Number,
    conditions: conditions.map(({ constraints }) => constraints[0] as Condition), // as IsOptional and ValidateIf make them
    passes: custom.flatMap(passesOf),
  };
}

function passesOf(rule: Rule): Field['passes'] {
  const { constraintCls, constraints, propertyName: property } = rule;
  return getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({ instance }) => (value, object) => {
      const targetName = object.constructor.name;
      return instance.validate(value, { targetName, property, object, value, constraints });
    });
}
