import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChartlyConfig } from '#libs/config/config';
import { variablesOf } from '#libs/config/env';
import { loadConfig } from '#libs/config/load';
import { CALLS } from '#libs/contracts/calls';
import { SERVICES } from '#libs/contracts/contract';
import { checked, componentsOf, loadComponents } from '#deploy/generate/components';
import { roleEnvironment, sharedEnvironment } from '#deploy/generate/kubernetes/environment';
import { ROOT } from '../support/paths';
import { injectedBy } from './support/injected';

const deployment = loadComponents(ROOT);
const copy = (): Record<string, Record<string, Record<string, unknown>>> =>
  JSON.parse(JSON.stringify(deployment)) as Record<string, Record<string, Record<string, unknown>>>;

describe('deploy/components.yaml', () => {
  it('describes the nine services and no other', () => {
    expect(Object.keys(deployment.components).sort()).toEqual([...SERVICES].sort());
  });

  it('is refused with the path of what is wrong', () => {
    const wrong = copy();
    wrong.components!.gateway!.replicas = 0;
    wrong.components!.sidecar = {};
    delete wrong.platform!.user;
    expect(() => checked(ROOT, wrong)).toThrow(/\/components\/gateway\/replicas must be >= 1/);
    expect(() => checked(ROOT, wrong)).toThrow(/additional properties \(sidecar\)/);
    expect(() => checked(ROOT, wrong)).toThrow(/\/platform must have required property 'user'/);
  });

  it.each(SERVICES)('names under %s.calls what its code injects', async (service) => {
    const injected = await injectedBy(service);
    const hint = `Put these under components.${service}.calls.services in deploy/components.yaml and run "npm run deploy:generate".`;
    expect({ hint, calls: [...deployment.components[service].calls.services].sort() }).toEqual({
      hint,
      calls: [...injected].sort(),
    });
  });

  it.each(SERVICES)('says of %s what its callees enforce (libs/contracts/calls.ts)', (service) => {
    expect([...CALLS[service]].sort()).toEqual([...deployment.components[service].calls.services].sort());
  });

  it('names under scaling.queue of each service the queue that its handlers work off', () => {
    const jobs = readFileSync(join(ROOT, 'libs', 'contracts', 'jobs.ts'), 'utf8');
    const worked = [...jobs.matchAll(/@Job\(\{ queue: '([\w-]+)'/g)].map(([, queue]) => [queue, queue]); // a queue is its service's
    const named = componentsOf(deployment).flatMap(([name, { scaling }]) =>
      scaling.queue ? [[name, scaling.queue.name]] : [],
    );
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(worked));
  });

  it('gives every role a configuration that it starts with, from what the manifest sets', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const secrets: Record<string, string> = {
      CHARTLY_DATABASE_URL: 'postgres://chartly_app:p@db:5432/chartly',
      CHARTLY_OBJECTS_URL: 's3://chartly-objects/production',
      CHARTLY_OBJECTS_ACCESS_KEY: 'access',
      CHARTLY_OBJECTS_SECRET_KEY: 'secret',
      CHARTLY_SERVICE_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      CHARTLY_AUDIT_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      CHARTLY_SERVICE_PUBLIC_KEYS: JSON.stringify(
        Object.fromEntries(
          SERVICES.map((service) => [service, [publicKey.export({ type: 'spki', format: 'der' }).toString('base64')]]),
        ),
      ),
    };
    for (const [name] of componentsOf(deployment)) {
      const own = roleEnvironment(deployment, name).map(
        (entry) => [entry.name, entry.value ?? secrets[entry.name]] as const,
      );
      const given = own.filter(([, value]) => value !== undefined);
      const config = loadConfig({ ...sharedEnvironment(deployment), ...Object.fromEntries(given) });
      expect([...config.roles]).toEqual([name]);
      expect(config.internalPort).toBe(deployment.platform.ports.internal);
    }
  });

  it('knows every secret variable that the configuration has', () => {
    const known = [
      ...Object.values(deployment.engines).map(({ address }) => address),
      ...Object.values(deployment.secrets).map(({ variable }) => variable),
    ];
    const secrets = variablesOf(ChartlyConfig.prototype).filter(({ secret }) => secret);
    expect(secrets.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('leaves the drain the time that the process takes for it', () => {
    const { preStopSeconds, shutdownGrace, terminationGraceSeconds } = deployment.platform;
    expect(terminationGraceSeconds).toBeGreaterThan(preStopSeconds + Number.parseInt(shutdownGrace, 10));
  });
});
