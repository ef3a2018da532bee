import { Inject, Injectable, OnModuleInit, Provider, Type } from '@nestjs/common';
import { AnyContract, wireOf } from '#libs/contracts/contract';
import { LocalServices } from './local-services';

/**
 * Offers `implementation` as the contract's service in this process: others in it call the object itself, other
 * processes reach it under `/internal`.
 */
export function serve<C extends object>(contract: AnyContract<C>, implementation: Type<C>): Provider[] {
  const { service } = wireOf(contract);

  @Injectable()
  class Registration implements OnModuleInit {
    constructor(
      @Inject(implementation) private readonly instance: C,
      private readonly services: LocalServices,
    ) {}

    onModuleInit(): void {
      this.services.register(contract, this.instance);
    }
  }

  return [implementation, { provide: `serve:${service}`, useClass: Registration }];
}
