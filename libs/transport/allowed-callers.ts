import { CALLS } from '#libs/contracts/calls';
import { ServiceName, WireMethod } from '#libs/contracts/contract';
import { Forbidden } from '#libs/errors/errors';

/**
 * Throws Forbidden `service.caller` for a service that has no business with this method: one that was taken over reaches
 * no further than what it calls anyway.
 */
export function requireCaller(caller: ServiceName, service: string, method: string, wire?: WireMethod): void {
  const callers = wire?.callers;
  const mayCall = CALLS[caller].some((callee) => callee === service);
  if (mayCall && (callers === undefined || callers.includes(caller))) return;
  throw new Forbidden('service.caller', `The service "${caller}" does not call ${service}.${method}.`);
}
