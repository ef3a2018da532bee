import { CALLS } from '#libs/contracts/calls';
import { CONTRACTS } from '#libs/contracts/all';
import { SERVICES, wireOf } from '#libs/contracts/contract';
import { requireCaller } from './allowed-callers';

const wires = CONTRACTS.map(wireOf);
const refused = (caller: (typeof SERVICES)[number], service: string, method: string): boolean => {
  const wire = wires.find((one) => one.service === service)!.methods[method]!;
  try {
    requireCaller(caller, service, method, wire);
    return false;
  } catch {
    return true;
  }
};

describe('rule 18: which service may call what', () => {
  it('is what the design lists, for every pair and every method', () => {
    for (const caller of SERVICES) {
      for (const { service, methods } of wires) {
        for (const [method, { callers }] of Object.entries(methods)) {
          const may = CALLS[caller].includes(service) && (callers?.includes(caller) ?? true);
          expect([caller, service, method, refused(caller, service, method)]).toEqual([caller, service, method, !may]);
        }
      }
    }
  });

  it('lets no gateway have the value of a secret, though it calls auth for all else', () => {
    expect(refused('gateway', 'auth', 'secret')).toBe(true);
    expect(refused('gateway', 'auth', 'secrets')).toBe(false);
    expect(refused('connector-hub', 'auth', 'secret')).toBe(false);
    expect(refused('storage', 'auth', 'secret')).toBe(true);
  });

  it('names only callers that call the service at all, or may once they do', () => {
    for (const { methods } of wires) {
      for (const { callers } of Object.values(methods)) {
        for (const caller of callers ?? []) expect(SERVICES).toContain(caller);
      }
    }
  });
});
