import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { ChartlyConfig } from '#libs/config/config';
import { variablesOf } from '#libs/config/env';
import { loadConfig } from '#libs/config/load';
import { SERVICES } from '#libs/contracts/contract';
import { chartValuesOf } from '#libs/infrastructure/chart-values';
import { ContractReader, ContractRefused } from '#libs/infrastructure/read-contract';
import { ROOT } from '../support/paths';
import { contractSchemas } from './support/contract';
import { rendered } from './support/helm';
import { KubeObject, ofKind, workloadsOf } from './support/objects';
import { schemaProblems } from './support/schema';
import { TerraformCopy } from './support/terraform';
import { describeWithHelm, describeWithTools } from './support/tools';
import { implementation, spoiled, wanted, Wanted } from './support/wanted';

/** Runs through Terraform, Helm and the loader together take a second each. */
const CHAIN_RUNS = 10;
/** Of the one environment that the tests look closely at; the random ones are drawn anew. */
const SEED = 20_261_125;

const reader = new ContractReader(contractSchemas());
const sample: Wanted = fc.sample(wanted, { seed: SEED, numRuns: 1 })[0]!; // one was asked for

describeWithTools('from Terraform to a running process', ['terraform'], () => {
  let copy: TerraformCopy;
  let outputs: string;
  beforeAll(() => {
    copy = new TerraformCopy();
    outputs = copy.outputs('stack', {
      ...sample,
      implementation: fc.sample(implementation, { seed: SEED, numRuns: 1 })[0],
    });
  });
  afterAll(() => copy.remove());

  describeWithHelm('whatever an environment wants', () => {
    it('comes out of Terraform, the chart and the configuration as it went in', () => {
      fc.assert(
        fc.property(wanted, implementation, (want, made) => {
          const contract = reader.read(copy.outputs('stack', { ...want, implementation: made }));
          const objects = rendered({ values: chartValuesOf(contract) });
          for (const config of configurations(objects)) {
            expect(config.publicUrl).toBe(
              `${want.gateway.tls.mode === 'none' ? 'http' : 'https'}://${want.gateway.host}`,
            );
            expect(config.bodyMaxBytes).toBe(want.gateway.max_body_mib * 2 ** 20);
            expect(config.trustedProxies).toEqual(want.gateway.trusted_proxy_cidrs);
            expect(config.objectsRegion).toBe(want.objects.region ?? 'us-east-1');
            expect(config.redisUrl !== undefined).toBe(want.cache !== null);
          }
          expect(connectionsOf(objects)).toBeLessThanOrEqual(want.database.max_connections);
          expect(secretsNamed(objects, 'CHARTLY_DATABASE_URL')).toEqual(new Set([made.database.app_secret_ref.name]));
          expect(secretsNamed(objects, 'CHARTLY_DATABASE_MIGRATION_URL')).toEqual(
            new Set([made.database.migration_secret_ref.name]),
          );
          const [ingress] = ofKind(objects, 'Ingress');
          expect(ingress?.spec).toMatchObject({ rules: [{ host: want.gateway.host }] });
        }),
        { numRuns: CHAIN_RUNS, endOnFailure: true },
      );
    });

    it('makes what Kubernetes knows', () => {
      expect(schemaProblems(rendered({ values: chartValuesOf(reader.read(outputs)) }))).toEqual([]);
    });
  });

  it('is refused by Terraform with the name of what is wrong', () => {
    fc.assert(
      fc.property(spoiled, ([want, named]) => {
        expect(() => copy.outputs('stack', want)).toThrow(named);
      }),
      { numRuns: CHAIN_RUNS, endOnFailure: true },
    );
  });

  it('is refused by chartly infra values with the path, whatever key is missing, retyped or new', () => {
    const value = contractIn(outputs);
    const paths = pathsOf(value);
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom<'missing' | 'retyped' | 'new'>('missing', 'retyped', 'new'),
        (path, kind) => {
          const [changed, named] = spoil(value, path, kind);
          expect(refusal(changed)).toContain(named);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('rule 19: is refused of another major version, and taken of a newer minor one', () => {
    const value = contractIn(outputs);
    expect(refusal({ ...value, contract_version: '2.0.0' })).toMatch(
      /speaks contract 2\.0\.0 and this release speaks 1\.x/,
    );
    expect(reader.read(JSON.stringify({ ...value, contract_version: '1.9.0' })).contract_version).toBe('1.9.0');
  });

  it('goes through the command as a person calls it', () => {
    const call = (input: string): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [join(ROOT, 'bin', 'chartly.js'), 'infra', 'values'], { input, encoding: 'utf8' });
    const good = call(outputs);
    expect(good.status).toBe(0);
    expect(parse(String(good.stdout))).toMatchObject({ infrastructure: { environment: sample.environment } });
    const bad = call('{}');
    expect([bad.status, bad.stdout]).toEqual([1, '']);
    expect(bad.stderr).toMatch(/There is no output deployment_contract/);
  });
});

type Json = Record<string, unknown>;

const contractIn = (outputs: string): Json =>
  (JSON.parse(outputs) as { deployment_contract: { value: Json } }).deployment_contract.value; // Terraform's own form

function refusal(contract: object): string {
  try {
    reader.read(JSON.stringify(contract));
  } catch (thrown) {
    if (thrown instanceof ContractRefused) return [thrown.message, ...thrown.problems].join('\n');
    throw thrown;
  }
  return 'it was let through';
}

type Path = readonly string[];

/** Every key of the contract whose shape the schemas close. */
function pathsOf(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const open = ['annotations', 'service_account_annotations'].includes(above.at(-1) ?? '');
  if (open) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...above, key], ...pathsOf(item, [...above, key])]);
}

function spoil(contract: Json, path: Path, kind: 'missing' | 'retyped' | 'new'): readonly [Json, string] {
  const changed = structuredClone(contract);
  const parent = path.slice(0, -1).reduce<Json>((at, key) => at[key] as Json, changed); // a path of this very value
  const key = path.at(-1)!; // paths are not empty
  const folder = `/${path.slice(0, -1).join('/')}`;
  if (kind === 'missing') {
    delete parent[key];
    return [changed, `${folder} must have required property '${key}'`];
  }
  if (kind === 'new') {
    parent.surprise = 1;
    return [changed, `${folder} must NOT have additional properties (surprise)`];
  }
  parent[key] = { retyped: true };
  return [changed, `/${path.join('/')}`];
}

/** The configuration that each of the nine loads from what is rendered, with something for each Secret. */
function configurations(objects: readonly KubeObject[]): ChartlyConfig[] {
  const data = new Map(
    ofKind(objects, 'ConfigMap').map(({ metadata, data: entries }) => [metadata.name, entries ?? {}]),
  );
  const known = new Set(variablesOf(ChartlyConfig.prototype).map(({ name }) => name));
  const roles = workloadsOf(objects).filter(({ component }) => SERVICES.some((service) => service === component));
  return roles.map(({ containers: [container] }) => {
    const shared = Object.assign(
      {},
      ...(container!.envFrom ?? []).map(({ configMapRef }) => data.get(configMapRef!.name)),
    ) as Json;
    const own = (container!.env ?? []).map(({ name, value, valueFrom }) => {
      const optional = valueFrom?.secretKeyRef?.optional === true;
      return [name, value ?? (optional || !known.has(name) ? undefined : SECRETS[name])] as const;
    });
    const given = own.filter(([, value]) => value !== undefined);
    return loadConfig({ ...shared, ...Object.fromEntries(given) } as Record<string, string>); // ConfigMaps hold texts
  });
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PRIVATE = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const PUBLIC = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const SECRETS: Readonly<Record<string, string>> = {
  CHARTLY_DATABASE_URL: 'postgres://chartly_app:p@db:5432/chartly',
  CHARTLY_REDIS_URL: 'redis://redis:6379',
  CHARTLY_EVENTS_URL: 'http://chartly:p@events:8123/chartly',
  CHARTLY_OBJECTS_URL: 'file:///srv/objects',
  CHARTLY_SERVICE_PRIVATE_KEY: PRIVATE,
  CHARTLY_AUDIT_KEY: PRIVATE,
  CHARTLY_SERVICE_PUBLIC_KEYS: JSON.stringify(Object.fromEntries(SERVICES.map((service) => [service, [PUBLIC]]))),
};

const secretsNamed = (objects: readonly KubeObject[], variable: string): Set<string | undefined> =>
  new Set(
    workloadsOf(objects).flatMap(({ containers }) =>
      containers.flatMap(({ env = [] }) =>
        env.filter(({ name }) => name === variable).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ),
    ),
  );

/** Pools of all processes at once, one more of each while it is rolled. */
const connectionsOf = (objects: readonly KubeObject[]): number => {
  const pool = Number(
    ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === 'chartly-config')!.data!
      .CHARTLY_DATABASE_POOL,
  );
  const processes = workloadsOf(objects).filter(({ component }) => SERVICES.some((service) => service === component));
  return processes.reduce((sum, { replicas }) => sum + (replicas + 1) * pool, 0);
};
