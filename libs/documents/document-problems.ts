import { ErrorObject } from 'ajv/dist/2020';
import { nearest } from './nearest';

export interface Problem {
  /** Where in the document: `spec.store.key[0]`. */
  readonly path: string;
  readonly message: string;
}

/** What a schema's errors say, in sentences. */
export function problemsOf(errors: readonly ErrorObject[]): Problem[] {
  return errors
    .filter(({ keyword }) => keyword !== 'propertyNames')
    .map((error) => {
      const path = pathOf(error.instancePath);
      const params = error.params as Readonly<Record<string, unknown>>; // ajv's own, by keyword
      switch (error.keyword) {
        case 'additionalProperties': {
          const name = String(params.additionalProperty);
          const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
          const meant = nearest(name, known);
          return {
            path: joined(path, name),
            message: `unknown field${meant === undefined ? `; known are ${known.join(', ')}` : `; did you mean "${meant}"?`}`,
          };
        }
        case 'required':
          return { path: joined(path, String(params.missingProperty)), message: 'is missing' };
        case 'enum':
          return { path, message: `must be one of ${(params.allowedValues as unknown[]).join(', ')}` };
        case 'const':
          return { path, message: `must be ${JSON.stringify(params.allowedValue)}` };
        case 'pattern':
          return { path, message: `has not the form it needs (${String(params.pattern)})` };
        default:
          return { path, message: error.message ?? 'is wrong' };
      }
    });
}

const joined = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** A JSON pointer as a path that a person writes. */
function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : joined(path, part)), '');
}
