import { parse } from 'yaml';
import { SERVICES } from '#libs/contracts/contract';
import { componentOf, KubeObject, LabelSelector, ofKind, selects, Workload, workloadsOf } from './objects';

/** Rules 5, 9, 10, 11, 15, 16, 17, 18 and 31: what a set of objects must be together. Each gives what is wrong, by component. */
export interface Finding {
  readonly component: string;
  readonly problem: string;
}

const SELECTOR_KEYS = ['app.kubernetes.io/component', 'app.kubernetes.io/instance', 'app.kubernetes.io/name'];

const found = (component: string, problem: string | false | undefined): Finding[] =>
  problem ? [{ component, problem }] : [];

/** Rule 5: a selector is name, instance and component, and takes its own pods alone. */
export function exactSelectors(objects: readonly KubeObject[]): Finding[] {
  const workloads = workloadsOf(objects);
  const deployments = workloads.filter(({ kind }) => kind === 'Deployment');
  const services = ofKind(objects, 'Service').map((object) => ({
    component: componentOf(object),
    selector: object.spec?.selector as Record<string, string> | undefined, // a Service's selector is plain labels
  }));
  return [...deployments, ...services].flatMap(({ component, selector = {} }) => {
    const others = workloads.filter(({ labels }) => labels[SELECTOR_KEYS[0]!] !== component); // the first key is there
    return [
      ...found(
        component,
        Object.keys(selector).sort().join() !== SELECTOR_KEYS.join() && `selects by ${Object.keys(selector).join()}`,
      ),
      ...others.flatMap((other) =>
        found(component, selects({ matchLabels: selector }, other.labels) && `selects ${other.component} too`),
      ),
    ];
  });
}

/** Rule 9: what selects finds something, and a policy watches over every pod. */
export function nothingSelectsNothing(objects: readonly KubeObject[]): Finding[] {
  const workloads = workloadsOf(objects);
  const anyone = (selector: LabelSelector): boolean => workloads.some(({ labels }) => selects(selector, labels));
  const selectorOf = (object: KubeObject): LabelSelector => {
    const spec = object.spec ?? {};
    if (object.kind === 'Service') return { matchLabels: spec.selector as Record<string, string> }; // plain labels
    return (object.kind === 'NetworkPolicy' ? spec.podSelector : spec.selector) as LabelSelector; // both are selectors
  };
  const policies = ofKind(objects, 'NetworkPolicy').map(selectorOf);
  return [
    ...ofKind(objects, 'Service', 'NetworkPolicy', 'PodDisruptionBudget').flatMap((object) =>
      found(
        componentOf(object),
        !anyone(selectorOf(object)) && `${object.kind} ${object.metadata.name} selects nothing`,
      ),
    ),
    ...ofKind(objects, 'HorizontalPodAutoscaler', 'ScaledObject').flatMap((object) => {
      const { name } = object.spec?.scaleTargetRef as { name: string }; // required of both kinds
      return found(
        componentOf(object),
        !workloads.some((workload) => workload.name === name) && `scales ${name}, which is not there`,
      );
    }),
    ...workloads.flatMap(({ component, labels }) =>
      found(
        component,
        !policies.some((policy) => policy.matchLabels?.[SELECTOR_KEYS[0]!] === component && selects(policy, labels)) &&
          'has no network policy of its own',
      ),
    ),
  ];
}

/** Rule 10: what may be disrupted can be, and replicas stand apart. */
export function disruptable(objects: readonly KubeObject[]): Finding[] {
  const workloads = workloadsOf(objects).filter(({ kind }) => kind === 'Deployment');
  const replicasOf = (workload: Workload): number => {
    const scaler = ofKind(objects, 'HorizontalPodAutoscaler', 'ScaledObject').find(
      ({ spec }) => (spec?.scaleTargetRef as { name: string } | undefined)?.name === workload.name, // required of both
    );
    const least = scaler?.spec?.minReplicas ?? scaler?.spec?.minReplicaCount;
    return typeof least === 'number' ? least : workload.replicas;
  };
  return workloads.flatMap((workload) => {
    const budgets = ofKind(objects, 'PodDisruptionBudget').filter(({ spec }) =>
      selects(spec?.selector as LabelSelector, workload.labels),
    );
    const replicas = replicasOf(workload);
    return [
      ...budgets.flatMap(({ spec }) => {
        const { maxUnavailable, minAvailable } = spec as { maxUnavailable?: number; minAvailable?: number }; // ours are numbers
        const allows = maxUnavailable ?? replicas - (minAvailable ?? 0);
        return found(
          workload.component,
          replicas === 1
            ? 'a budget keeps its only pod from ever moving'
            : allows < 1 && 'its budget allows no disruption',
        );
      }),
      ...found(workload.component, replicas > 1 && budgets.length === 0 && 'has replicas and no budget'),
      ...found(
        workload.component,
        replicas > 1 && !workload.pod.topologySpreadConstraints?.length && 'its replicas may stand on one node',
      ),
    ];
  });
}

/** Rule 11: the namespace demands the restricted standard, as of one release. */
export function restrictedNamespace(objects: readonly KubeObject[]): Finding[] {
  return ofKind(objects, 'Namespace').flatMap(({ metadata: { name, labels = {} } }) =>
    ['enforce', 'warn', 'audit'].flatMap((mode) => [
      ...found(
        name,
        labels[`pod-security.kubernetes.io/${mode}`] !== 'restricted' && `does not ${mode} the restricted standard`,
      ),
      ...found(
        name,
        !/^v1\.\d+$/.test(labels[`pod-security.kubernetes.io/${mode}-version`] ?? '') && `${mode}s no pinned version`,
      ),
    ]),
  );
}

/** Rule 15: what scales by itself has no number of replicas to be set back to. */
export function scaledByOne(objects: readonly KubeObject[]): Finding[] {
  return ofKind(objects, 'HorizontalPodAutoscaler', 'ScaledObject').flatMap((object) => {
    const { name } = object.spec?.scaleTargetRef as { name: string }; // required of both kinds
    const target = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
    return found(componentOf(object), target?.spec?.replicas !== undefined && 'names replicas beside its autoscaler');
  });
}

/** Rule 16: pods are rolled when their configuration changes. */
export const rolledByConfig = (objects: readonly KubeObject[]): Finding[] =>
  workloadsOf(objects)
    .filter(({ kind, component }) => kind === 'Deployment' && component !== 'postgres')
    .flatMap(({ component, annotations }) =>
      found(
        component,
        !/^[0-9a-f]{64}$/.test(annotations['checksum/config'] ?? '') && 'is not rolled when its configuration changes',
      ),
    );

const SECRET_SHAPED = /password|passwd|secret|token|private|credential|api[-_]?key/i;
/** An address that carries a password. */
const CARRIES_PASSWORD = /:\/\/[^\s/@:]*:[^\s/@]+@/;

/** Rule 17: no secret stands in what is rendered. */
export function noSecrets(objects: readonly KubeObject[]): Finding[] {
  return [
    ...ofKind(objects, 'Secret').flatMap((object) => found(componentOf(object), 'is a Secret')),
    ...ofKind(objects, 'ConfigMap').flatMap((object) =>
      Object.entries(object.data ?? {}).flatMap(([key, value]) => [
        ...found(componentOf(object), SECRET_SHAPED.test(key) && `${key} looks like a secret`),
        ...found(componentOf(object), CARRIES_PASSWORD.test(value) && `${key} carries a password`),
      ]),
    ),
    ...workloadsOf(objects).flatMap(({ component, containers }) =>
      containers.flatMap(({ env = [] }) =>
        env.flatMap(({ name, value }) => [
          ...found(component, value !== undefined && SECRET_SHAPED.test(name) && `${name} is written out`),
          ...found(component, value !== undefined && CARRIES_PASSWORD.test(value) && `${name} carries a password`),
        ]),
      ),
    ),
  ];
}

interface IngressPath {
  readonly path?: string;
  readonly pathType?: string;
  readonly backend?: { readonly service?: { readonly name: string; readonly port: { readonly name?: string } } };
}

/** Rule 18: paths say how they match, the longest first, none twice, to a port by its name. */
export function orderedPaths(objects: readonly KubeObject[]): Finding[] {
  return ofKind(objects, 'Ingress').flatMap((object) => {
    const rules = object.spec?.rules as { http?: { paths: IngressPath[] } }[]; // an Ingress without rules is found below
    const component = componentOf(object);
    return rules.flatMap(({ http }) => {
      const paths = http?.paths ?? [];
      const texts = paths.map(({ path = '' }) => path);
      const ordered = [...texts].sort((one, other) => other.length - one.length || (one < other ? -1 : 1));
      return [
        ...found(component, paths.length === 0 && 'has no path'),
        ...found(component, new Set(texts).size !== texts.length && 'names a path twice'),
        ...found(component, texts.join() !== ordered.join() && 'does not put the longest path first'),
        ...paths.flatMap(({ path, pathType, backend }) => [
          ...found(component, !['Prefix', 'Exact'].includes(pathType ?? '') && `${path} does not say how it matches`),
          ...found(component, backend?.service?.port.name === undefined && `${path} goes to a port without a name`),
        ]),
      ];
    });
  });
}

/** Rule 31: Prometheus, where there is one, asks the services that run and nobody else. */
export function scrapedAll(objects: readonly KubeObject[]): Finding[] {
  const run = workloadsOf(objects).filter(({ component }) => SERVICES.some((service) => service === component));
  const wanted = run.map(({ component }) => component).sort();
  return ofKind(objects, 'ConfigMap').flatMap((object) => {
    const config = object.data?.['prometheus.yml'];
    if (config === undefined) return [];
    const { scrape_configs: jobs } = parse(config) as { scrape_configs: { job_name: string }[] }; // Prometheus's own form
    const asked = jobs.map(({ job_name }) => job_name).sort();
    return found('prometheus', asked.join() !== wanted.join() && `asks ${asked.join()} and not ${wanted.join()}`);
  });
}
