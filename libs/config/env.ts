import 'reflect-metadata';

/** What stands in the documentation of one variable, and how its text becomes a value. */
export interface EnvVariable {
  readonly name: string;
  readonly property: string;
  readonly doc: string;
  /** The default as a person would write it; left out when the variable is unset by default. */
  readonly fallback?: string;
  readonly secret: boolean;
  readonly kind: EnvKind;
}

/** How a text is read: the readers are in `read-text.ts`. */
export type EnvKind = 'text' | 'flag' | 'integer' | 'duration' | 'bytes' | 'list' | 'json' | 'folder';

interface EnvOptions {
  readonly doc: string;
  readonly kind?: EnvKind;
  readonly fallback?: string;
  readonly secret?: boolean;
}

const VARIABLES = Symbol('chartly:env');

/** Binds a property of the configuration to an environment variable. */
export const Env =
  (name: string, { doc, kind = 'text', fallback, secret = false }: EnvOptions): PropertyDecorator =>
  (target, property) => {
    const earlier = variablesOf(target);
    const variable: EnvVariable = { name, property: String(property), doc, fallback, secret, kind };
    Reflect.defineMetadata(VARIABLES, [...earlier, variable], target);
  };

/** The variables that a configuration class declares, in their order. */
export function variablesOf(prototype: object): readonly EnvVariable[] {
  const variables: readonly EnvVariable[] | undefined = Reflect.getMetadata(VARIABLES, prototype);
  return variables ?? [];
}
