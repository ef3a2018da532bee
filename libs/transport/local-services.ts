import { Injectable } from '@nestjs/common';
import { AnyContract, ServiceName, wireOf, WireMethod } from '#libs/contracts/contract';
import { databaseError } from '#libs/database/database-errors';
import { asChartlyError } from '#libs/errors/wire';
import { streamWithin, withDeadline } from './deadline';

type Implementation = Readonly<Record<string, unknown>>;

interface Unary {
  readonly kind: 'call';
  readonly wire: WireMethod;
  /** Throws DeadlineExceeded when the nearer of the caller's deadline and the contract's own passes. */
  readonly call: (input: object) => Promise<unknown>;
}

interface Streaming {
  readonly kind: 'stream';
  readonly wire: WireMethod;
  readonly stream: (input: object) => AsyncIterable<object>;
}

/** One method of a service that this process hosts. */
export type LocalMethod = Unary | Streaming;

/** The services that this process hosts, by contract. */
@Injectable()
export class LocalServices {
  private readonly byService = new Map<string, Map<string, LocalMethod>>();

  register(contract: AnyContract, instance: object): void {
    const { service, methods } = wireOf(contract);
    const implementation = instance as Implementation; // a contract's implementation has its methods
    const local = Object.entries(methods).map(([name, wire]): [string, LocalMethod] => [
      name,
      localMethod(service, name, wire, (input) => invoke(implementation, name, input)),
    ]);
    this.byService.set(service, new Map(local));
  }

  hosts(service: ServiceName): boolean {
    return this.byService.has(service);
  }

  /** A method of a hosted service; undefined when there is no such one. Only what the contract lists can be reached. */
  method(service: string, name: string): LocalMethod | undefined {
    return this.byService.get(service)?.get(name);
  }
}

function localMethod(
  service: ServiceName,
  method: string,
  wire: WireMethod,
  invokeIt: (input: object) => unknown,
): LocalMethod {
  const name = `${service}.${method}`;
  if (!('streams' in wire)) {
    const call = (input: object): Promise<unknown> => withDeadline(name, wire.timeoutMs, () => invokeIt(input));
    return { kind: 'call', wire, call: (input) => call(input).catch(rethrow) };
  }
  const open = (input: object): AsyncIterable<object> => invokeIt(input) as AsyncIterable<object>; // as the wire declares
  return { kind: 'stream', wire, stream: (input) => told(streamWithin(name, wire.timeoutMs, () => open(input))) };
}

async function* told(items: AsyncIterable<object>): AsyncGenerator<object> {
  try {
    yield* items;
  } catch (thrown) {
    rethrow(thrown);
  }
}

/** Callers see the same errors whether the service is in their process or in another one. */
function rethrow(thrown: unknown): never {
  throw databaseError(thrown) ?? asChartlyError(thrown);
}

function invoke(implementation: Implementation, name: string, input: object): unknown {
  const method = implementation[name];
  if (typeof method !== 'function') throw new TypeError(`The implementation has no method ${name}.`);
  return method.call(implementation, input);
}
