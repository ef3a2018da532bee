import { Injectable } from '@nestjs/common';
import { AnyContract, ServiceName, wireOf, WireMethod } from '#libs/contracts/contract';

type Implementation = Readonly<Record<string, unknown>>;

/** One method of a service that this process hosts. */
export interface LocalMethod {
  readonly wire: WireMethod;
  readonly call: (input: object) => unknown;
}

/** The services that this process hosts, by contract. */
@Injectable()
export class LocalServices {
  private readonly byService = new Map<ServiceName, { contract: AnyContract; instance: object }>();

  register(contract: AnyContract, instance: object): void {
    this.byService.set(wireOf(contract).service, { contract, instance });
  }

  hosts(service: ServiceName): boolean {
    return this.byService.has(service);
  }

  /** A method of a hosted service; undefined when there is no such one. Only what the contract lists can be reached. */
  method(service: string, name: string): LocalMethod | undefined {
    const hosted = [...this.byService.entries()].find(([known]) => known === service)?.[1];
    if (!hosted) return undefined;
    const { methods } = wireOf(hosted.contract);
    const wire = Object.hasOwn(methods, name) ? methods[name] : undefined;
    const method = (hosted.instance as Implementation)[name]; // a contract's implementation has its methods
    if (!wire || typeof method !== 'function') return undefined;
    return { wire, call: (input) => method.call(hosted.instance, input) as unknown };
  }
}
