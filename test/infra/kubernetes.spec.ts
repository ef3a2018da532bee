import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadComponents } from '#deploy/generate/components';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { KubeObject, objectsOf, workloadsOf } from './support/objects';
import { RULES, broken } from './support/rules';
import { schemaProblems } from './support/schema';
import { describeWithHelm, kustomize } from './support/tools';

const SHOWN = Object.keys(RULES).map(Number);
/** What the policies bring: the plain base has neither policies nor budgets. */
const OF_POLICIES = [9, 10];

describeWithHelm('raw manifests', () => {
  const overlays: Record<string, KubeObject[]> = {};

  beforeAll(() => {
    overlays.base = objectsOf(kustomize('deploy/k8s/base'));
    overlays.local = objectsOf(kustomize('deploy/k8s/overlays/local'));
    overlays.production = objectsOf(kustomize('deploy/k8s/overlays/production'));
  });

  describe.each(['base', 'local', 'production'])('%s', (overlay) => {
    it('brings the nine, Prometheus and Grafana', () => {
      const components = workloadsOf(overlays[overlay]!).map(({ component }) => component);
      expect(components).toEqual(expect.arrayContaining([...SERVICES, 'prometheus', 'grafana', 'migration']));
    });

    it('gives each of the nine an account, an address, and one that names its pods', () => {
      const { ports } = loadComponents(ROOT).platform;
      for (const service of SERVICES) {
        const of = (kind: string, name: string): KubeObject | undefined =>
          overlays[overlay]!.find((object) => object.kind === kind && object.metadata.name === name);
        const internal = { name: 'internal', port: ports.internal, targetPort: 'internal', protocol: 'TCP' };
        expect(of('ServiceAccount', `chartly-${service}`)).toBeDefined();
        expect(of('Service', `chartly-${service}`)?.spec?.ports).toContainEqual(internal);
        expect(of('Service', `chartly-${service}-pods`)?.spec).toMatchObject({ clusterIP: 'None', ports: [internal] });
      }
      const gateway = overlays[overlay]!.find(
        ({ kind, metadata }) => kind === 'Service' && metadata.name === 'chartly-gateway',
      );
      expect(gateway?.spec?.ports).toContainEqual({ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' });
    });

    it('is made of fields that Kubernetes knows', () => {
      expect(schemaProblems(overlays[overlay]!)).toEqual([]);
    });

    const rules = overlay === 'production' ? SHOWN : SHOWN.filter((rule) => !OF_POLICIES.includes(rule));
    it.each(rules)('rule %i: holds', (rule) => {
      expect(broken(rule, overlays[overlay]!)).toEqual([]);
    });
  });

  describe.each(['external-secrets', 'csi-secrets'])('%s', (overlay) => {
    let objects: KubeObject[];
    beforeAll(() => {
      objects = objectsOf(kustomize(`deploy/k8s/overlays/${overlay}`));
    });

    it.each(SHOWN)('rule %i: holds', (rule) => {
      expect(broken(rule, objects)).toEqual([]);
    });

    it('rule 17: brings every secret that a pod waits for, by reference', () => {
      const wanted = workloadsOf(objects).flatMap(({ containers }) =>
        containers.flatMap(({ env = [] }) =>
          env.flatMap(({ valueFrom }) =>
            valueFrom?.secretKeyRef && !valueFrom.secretKeyRef.optional ? valueFrom.secretKeyRef.name : [],
          ),
        ),
      );
      const brought = objects.flatMap(({ kind, metadata, spec }) => {
        if (kind === 'ExternalSecret') return [metadata.name];
        if (kind !== 'SecretProviderClass') return [];
        return (spec?.secretObjects as { secretName: string }[]).map(({ secretName }) => secretName); // ours
      });
      expect([...new Set(brought)].sort()).toEqual([...new Set(wanted)].sort());
    });
  });

  it('rule 5: selects as the last release did', () => {
    const selectors = Object.fromEntries(
      workloadsOf(overlays.base!)
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ name, selector }) => [name, selector]),
    );
    const released: unknown = JSON.parse(readFileSync(join(ROOT, 'deploy', 'k8s', 'released-selectors.json'), 'utf8'));
    expect(selectors).toEqual(released);
  });

  it('runs every service but storage on two replicas in production', () => {
    const replicas = Object.fromEntries(
      workloadsOf(overlays.production!).map(({ component, replicas }) => [component, replicas]),
    );
    for (const service of SERVICES)
      expect([service, replicas[service]]).toEqual([service, service === 'storage' ? 1 : 2]);
  });
});
