import { componentsOf } from '../components';
import { MonitoringFiles } from '../monitoring/prometheus';
import { yaml, yamlStream } from '../yaml';
import { componentManifests, migrationManifests, Release } from './components';
import { sharedConfig } from './environment';
import { Manifest, NAMESPACE } from './manifest';
import { grafanaManifests, prometheusManifests } from './monitoring';
import { disruptionBudgets, networkPolicies, quota } from './policies';

/** The Pod Security Standards as of this release of Kubernetes; a newer cluster does not change what is demanded. */
const POD_SECURITY_VERSION = 'v1.32';

const namespace = (): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: NAMESPACE,
    labels: Object.fromEntries(
      ['enforce', 'warn', 'audit'].flatMap((mode) => [
        [`pod-security.kubernetes.io/${mode}`, 'restricted'],
        [`pod-security.kubernetes.io/${mode}-version`, POD_SECURITY_VERSION],
      ]),
    ),
  },
});

const kustomization = (resources: readonly string[]): string =>
  yaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });

/** The files of `deploy/k8s/base`, by name. */
export function baseFiles(release: Release, monitoring: MonitoringFiles): Record<string, string> {
  const manifests: Record<string, readonly Manifest[]> = {
    'namespace.yaml': [namespace()],
    'config.yaml': [sharedConfig(release.deployment, release.version)],
    'migration.yaml': migrationManifests(release),
    ...Object.fromEntries(
      componentsOf(release.deployment).map(([name]) => [`${name}.yaml`, componentManifests(name, release)]),
    ),
    'prometheus.yaml': prometheusManifests(release, monitoring),
    'grafana.yaml': grafanaManifests(release, monitoring),
  };
  return filesOf(manifests);
}

/** The files of `deploy/k8s/overlays/policies`, by name. */
export const policyFiles = (release: Release): Record<string, string> =>
  filesOf({
    'network-policies.yaml': networkPolicies(release),
    'disruption-budgets.yaml': disruptionBudgets(release),
    'quota.yaml': quota(release),
  });

const filesOf = (manifests: Readonly<Record<string, readonly Manifest[]>>): Record<string, string> => ({
  'kustomization.yaml': kustomization(Object.keys(manifests)),
  ...Object.fromEntries(Object.entries(manifests).map(([name, objects]) => [name, yamlStream(objects)])),
});
