import { countOf, doubleOf, listOf, objectOf, otlpMalformed, textOf, Wire } from './otlp-request';
import { measured } from './numbers';
import { checkLabel, jsonBytesOf } from './output-budget';

/** Values inside one another that an attribute or a body may have. */
const DEPTH_MAX = 32;

export interface OtlpOrigin {
  readonly resource: object;
  readonly scope?: { readonly name: string; readonly version?: string; readonly attributes?: object };
}

/** Attributes by key, as JSON: ints where they are exact (else as texts), bytes in base64. The last of equal keys counts. */
export function attributesOf(pairs: unknown, depth = 0): object {
  return Object.fromEntries(
    listOf(pairs).map(({ key, value }) => {
      const attribute = [textOf(key), anyValueOf(value, depth + 1)] as const;
      for (const part of attribute) if (typeof part === 'string') checkLabel(part);
      return attribute;
    }),
  );
}

export function anyValueOf(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw otlpMalformed(`values nest deeper than ${DEPTH_MAX} levels`);
  const any = objectOf(value);
  if (any.stringValue !== undefined) return textOf(any.stringValue);
  if (any.boolValue !== undefined) return any.boolValue === true;
  if (any.intValue !== undefined) return countOf(any.intValue);
  if (any.doubleValue !== undefined) {
    const { value: number, special } = measured(doubleOf(any.doubleValue));
    return special ?? number;
  }
  if (any.arrayValue !== undefined) {
    return listOf(objectOf(any.arrayValue).values).map((item) => anyValueOf(item, depth + 1));
  }
  if (any.kvlistValue !== undefined) return attributesOf(objectOf(any.kvlistValue).values, depth);
  if (any.bytesValue !== undefined) {
    const { bytesValue } = any;
    return bytesValue instanceof Uint8Array ? Buffer.from(bytesValue).toString('base64') : textOf(bytesValue);
  }
  return null;
}

/** The attributes of a resource, and what they come to as text; read once, since a resource may have many scopes. */
export function resourceOf(resource: unknown): { readonly attributes: object; readonly bytes: number } {
  const attributes = attributesOf(objectOf(resource).attributes);
  return { attributes, bytes: jsonBytesOf(attributes) };
}

/** What measured or logged: the resource by its attributes, and the instrumentation scope where one is named. */
export function originOf(resource: object, scope: unknown): OtlpOrigin {
  const { name, version, attributes }: Wire = objectOf(scope);
  const scopeName = textOf(name);
  return {
    resource,
    ...(scopeName === ''
      ? {}
      : {
          scope: {
            name: scopeName,
            ...(textOf(version) === '' ? {} : { version: textOf(version) }),
            ...(attributes === undefined ? {} : { attributes: attributesOf(attributes) }),
          },
        }),
  };
}
