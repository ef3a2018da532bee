import 'reflect-metadata';

/** The nine services, by the name that stands in URLs, environment variables and tokens. */
export const SERVICES = [
  'gateway',
  'orchestrator',
  'connector-hub',
  'normalizer',
  'storage',
  'analytics',
  'audit',
  'auth',
  'observer',
] as const;
export type ServiceName = (typeof SERVICES)[number];

export type Ctor<T extends object = object> = new () => T;
export type AnyContract<T extends object = object> = abstract new () => T;

interface Common {
  /** True when a second delivery of the same request changes nothing: only such calls are retried. */
  readonly idempotent: boolean;
  /** How long a caller waits when it brings no nearer deadline of its own. Unit: milliseconds. */
  readonly timeoutMs: number;
  /** The only services that may call it, where those that call the service at all may not all. */
  readonly callers?: readonly ServiceName[];
}

/** One method on the wire: what it takes, and what it gives once or streams. */
export type WireMethod = Common & { readonly takes: Ctor } & ({ readonly gives: Ctor } | { readonly streams: Ctor });

/** The wire description that fits the methods of `T`; a missing, extra or wrong entry does not compile. */
export type Wire<T> = {
  [K in keyof T]: T[K] extends (input: infer I extends object) => Promise<infer O extends object>
    ? Common & { readonly takes: Ctor<I>; readonly gives: Ctor<O> }
    : T[K] extends (input: infer I extends object) => AsyncIterable<infer O extends object>
      ? Common & { readonly takes: Ctor<I>; readonly streams: Ctor<O> }
      : never;
};

export interface ContractWire {
  readonly service: ServiceName;
  readonly methods: Readonly<Record<string, WireMethod>>;
}

const WIRE = Symbol('chartly:contract');

/**
 * Declares an abstract class as a service's contract: the type, the injection token and the wire description in one.
 * Decorators are not valid on abstract methods, hence the table on the class.
 */
export const Contract =
  <const W extends Record<string, WireMethod>>(service: ServiceName, methods: W) =>
  <C extends AnyContract>(
    target: C & (W extends Wire<InstanceType<C>> ? (keyof W extends keyof InstanceType<C> ? unknown : never) : never),
  ): void => {
    Reflect.defineMetadata(WIRE, { service, methods } satisfies ContractWire, target);
  };

/** The wire description of a contract class. Throws for a class that is not one: a programming error. */
export function wireOf(contract: AnyContract): ContractWire {
  const wire: ContractWire | undefined = Reflect.getMetadata(WIRE, contract);
  if (!wire) throw new TypeError(`${contract.name} is not a contract: it lacks @Contract(...).`);
  return wire;
}
