import { rendered } from '../helm';
import { KubeObject, objectsOf } from '../objects';
import { kustomize } from '../tools';

type Json = Record<string, unknown>;

/** Everything that a rule may be broken in: production with policies, and what scales and comes in from outside. */
export const everything = (): KubeObject[] => [
  ...rendered({ files: ['values-production.yaml', 'values-policies.yaml'] }),
  ...objectsOf(kustomize('deploy/k8s/base')).filter(({ kind }) => kind === 'Namespace'),
];

const at = (value: unknown, ...path: readonly (string | number)[]): Json =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value) as Json; // a path of a manifest that is there

const named = (objects: readonly KubeObject[], kind: string, name: string): KubeObject => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name} to break.`);
  return found;
};
const gateway = (objects: readonly KubeObject[]): KubeObject => named(objects, 'Deployment', 'chartly-gateway');
const pod = (objects: readonly KubeObject[]): Json => at(gateway(objects), 'spec', 'template', 'spec');
const monitor = (objects: readonly KubeObject[]): Json =>
  at(named(objects, 'Deployment', 'chartly-prometheus'), 'spec', 'template', 'spec', 'containers', 0);
const container = (objects: readonly KubeObject[]): Json => at(pod(objects), 'containers', 0);

/** Each rule that a render shows, broken once in each way that matters. */
export const RENDER_BREAKS: readonly (readonly [rule: number, how: string, spoil: (objects: KubeObject[]) => void])[] =
  [
    [1, 'the container may run as root', (all) => (at(container(all), 'securityContext').runAsNonRoot = false)],
    [1, 'the pod shares the network of its node', (all) => (pod(all).hostNetwork = true)],
    [
      1,
      'the pod sees the processes of its node',
      (all) => Object.assign(pod(all), { hostNetwork: false, hostPID: true }),
    ],
    [1, 'a capability is added', (all) => (at(container(all), 'securityContext', 'capabilities').add = ['NET_ADMIN'])],
    [
      1,
      'no seccomp profile',
      (all) => {
        delete at(container(all), 'securityContext').seccompProfile;
        delete at(pod(all), 'securityContext').seccompProfile;
      },
    ],
    [2, 'another user', (all) => (at(pod(all), 'securityContext').runAsUser = 1_000)],
    [
      2,
      'a root file system that can be written to',
      (all) => (at(container(all), 'securityContext').readOnlyRootFilesystem = false),
    ],
    [2, 'privileges can be gained', (all) => (at(container(all), 'securityContext').allowPrivilegeEscalation = true)],
    [3, 'scratch space without a bound', (all) => delete at(pod(all), 'volumes', 0, 'emptyDir').sizeLimit],
    [
      3,
      'one more writable folder',
      (all) => {
        (pod(all).volumes as Json[]).push({ name: 'more', emptyDir: { sizeLimit: '1Gi' } });
        (container(all).volumeMounts as Json[]).push({ name: 'more', mountPath: '/app' });
      },
    ],
    [4, 'a token of the cluster', (all) => (pod(all).automountServiceAccountToken = true)],
    [4, 'service links', (all) => delete pod(all).enableServiceLinks],
    [4, 'the account of another', (all) => (pod(all).serviceAccountName = 'chartly-audit')],
    [
      5,
      'a selector that a release changes',
      (all) => (at(gateway(all), 'spec', 'selector', 'matchLabels')['app.kubernetes.io/version'] = '0.1.0'),
    ],
    [
      5,
      'a Service that selects everybody',
      (all) => delete at(named(all, 'Service', 'chartly-gateway'), 'spec', 'selector')['app.kubernetes.io/component'],
    ],
    [6, 'no startup probe', (all) => delete container(all).startupProbe],
    [
      6,
      'ready and alive by the same question',
      (all) => (container(all).livenessProbe = container(all).readinessProbe),
    ],
    [7, 'no limit on memory', (all) => delete at(container(all), 'resources', 'limits').memory],
    [7, 'no request for CPU', (all) => delete at(container(all), 'resources', 'requests').cpu],
    [8, 'the tag latest', (all) => (container(all).image = 'chartly:latest')],
    [8, 'no tag', (all) => (container(all).image = 'chartly')],
    [9, 'a pod without a policy', (all) => remove(all, 'NetworkPolicy', 'chartly-gateway')],
    [
      9,
      'a Service that selects nothing',
      (all) =>
        (at(named(all, 'Service', 'chartly-audit'), 'spec', 'selector')['app.kubernetes.io/component'] = 'nobody'),
    ],
    [
      9,
      'an autoscaler of nothing',
      (all) => (at(named(all, 'HorizontalPodAutoscaler', 'chartly-gateway'), 'spec', 'scaleTargetRef').name = 'nobody'),
    ],
    [
      10,
      'a budget that allows nothing',
      (all) => (at(named(all, 'PodDisruptionBudget', 'chartly-gateway'), 'spec').maxUnavailable = 0),
    ],
    [10, 'replicas without a budget', (all) => remove(all, 'PodDisruptionBudget', 'chartly-audit')],
    [10, 'replicas on one node', (all) => delete pod(all).topologySpreadConstraints],
    [
      11,
      'a namespace that enforces less',
      (all) =>
        ((named(all, 'Namespace', 'chartly').metadata.labels as Json)['pod-security.kubernetes.io/enforce'] =
          'baseline'),
    ],
    [
      11,
      'a standard of no version',
      (all) =>
        delete (named(all, 'Namespace', 'chartly').metadata.labels as Json)['pod-security.kubernetes.io/warn-version'],
    ],
    [12, 'no delay before the end', (all) => delete container(all).lifecycle],
    [12, 'too little time to drain', (all) => (pod(all).terminationGracePeriodSeconds = 10)],
    [15, 'replicas beside an autoscaler', (all) => (at(gateway(all), 'spec').replicas = 2)],
    [
      16,
      'pods that keep their old configuration',
      (all) => delete at(gateway(all), 'spec', 'template', 'metadata', 'annotations')['checksum/config'],
    ],
    [17, 'a Secret', (all) => all.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'chartly-database' } })],
    [
      17,
      'a password in the configuration',
      (all) =>
        ((named(all, 'ConfigMap', 'chartly-config').data as Json).CHARTLY_REDIS_URL = 'redis://:secret@redis:6379'),
    ],
    [17, 'a secret written out', (all) => (container(all).env as Json[]).push({ name: 'API_TOKEN', value: 'x' })],
    [18, 'a path that does not say how it matches', (all) => delete paths(all)[0]!.pathType],
    [18, 'the shortest path first', (all) => paths(all).push({ ...paths(all)[0]!, path: '/v1' })],
    [18, 'a port by number', (all) => (at(paths(all)[0]!, 'backend', 'service').port = { number: 80 })],
    [
      31,
      'a service that nobody scrapes',
      (all) => {
        const { data } = named(all, 'ConfigMap', 'chartly-prometheus-config') as unknown as {
          data: Record<string, string>;
        };
        data['prometheus.yml'] = data['prometheus.yml']!.replace('job_name: audit', 'job_name: auditor');
      },
    ],
    [31, 'a target that is not there', (all) => remove(all, 'Deployment', 'chartly-observer')],
    [
      32,
      'a monitor that writes to one more folder',
      (all) =>
        (at(monitor(all), 'volumeMounts') as unknown as Json[]).push({ name: 'data', mountPath: '/etc/prometheus' }),
    ],
    [
      32,
      'a monitor that can write anywhere',
      (all) => (at(monitor(all), 'securityContext').readOnlyRootFilesystem = false),
    ],
  ];

const paths = (all: readonly KubeObject[]): Json[] =>
  at(named(all, 'Ingress', 'chartly-gateway'), 'spec', 'rules', 0, 'http').paths as Json[]; // an Ingress has rules

function remove(all: KubeObject[], kind: string, name: string): void {
  all.splice(all.indexOf(named(all, kind, name)), 1);
}
