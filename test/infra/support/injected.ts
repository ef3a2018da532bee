import 'reflect-metadata';
import { CONTRACTS } from '#libs/contracts/all';
import { ServiceName, wireOf } from '#libs/contracts/contract';
import { ROLES } from '#src/roles';

const CONTRACT_OF = new Map<unknown, ServiceName>(CONTRACTS.map((contract) => [contract, wireOf(contract).service]));

/** The services whose contracts the code of one service injects, through all the modules that it brings along. */
export async function injectedBy(service: ServiceName): Promise<Set<ServiceName>> {
  const { module } = await ROLES[service]();
  const injected = new Set<ServiceName>();
  const seen = new Set<unknown>();
  const visit = (given: unknown): void => {
    if (!isObject(given) || seen.has(given)) return;
    seen.add(given);
    const { of, imports, providers, controllers } = partsOf(given);
    for (const part of [of, ...providers, ...controllers]) {
      for (const token of tokensOf(part)) {
        const called = CONTRACT_OF.get(token);
        if (called !== undefined && called !== service) injected.add(called);
      }
    }
    imports.forEach(visit);
  };
  visit(module);
  return injected;
}

interface ModuleParts {
  readonly of: unknown;
  readonly imports: unknown[];
  readonly providers: unknown[];
  readonly controllers: unknown[];
}

/** A module class, or the object that a `forRoot` gave. */
function partsOf(given: object): ModuleParts {
  const of: unknown = Reflect.get(given, 'module') ?? given;
  const both = (part: string): unknown[] => [
    ...((typeof of === 'function' ? (Reflect.getMetadata(part, of) as unknown[] | undefined) : undefined) ?? []), // Nest's own metadata
    ...(of === given ? [] : ((Reflect.get(given, part) as unknown[] | undefined) ?? [])), // a DynamicModule's field
  ];
  return { of, imports: both('imports'), providers: both('providers'), controllers: both('controllers') };
}

/** What a provider asks Nest for: by its constructor, by `@Inject`, or by a factory's list. */
function tokensOf(provider: unknown): unknown[] {
  if (!isObject(provider)) return [];
  if (typeof provider === 'function') {
    const types = (Reflect.getMetadata('design:paramtypes', provider) ?? []) as unknown[]; // TypeScript's own metadata
    const explicit = (Reflect.getMetadata('self:paramtypes', provider) ?? []) as { param: unknown }[]; // Nest's
    return [...types, ...explicit.map(({ param }) => param)];
  }
  const inject = (Reflect.get(provider, 'inject') ?? []) as unknown[]; // a FactoryProvider's field
  return [...inject, ...tokensOf(Reflect.get(provider, 'useClass')), Reflect.get(provider, 'useExisting')];
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' || typeof value === 'function') && value !== null;
