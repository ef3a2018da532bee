import { ServiceName } from '#libs/contracts/contract';
import { componentsOf, Deployment } from '../components';
import { Release } from './components';
import { INSTANCE, labels, Manifest, metadata, nameOf, NAMESPACE, selectorLabels } from './manifest';

/** Addresses that are nobody's on the public internet: what goes outside does not go there (RFC 1918, 3927, 6598, 5735). */
export const PRIVATE_RANGES = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
];

type Port = { readonly protocol: 'TCP' | 'UDP'; readonly port: number };
const tcp = (port: number): Port => ({ protocol: 'TCP', port });

/** Whose internal port a service may speak to: the contracts it calls, and the health it asks for. */
export function calledBy(deployment: Deployment, caller: ServiceName): Set<ServiceName> {
  const { services, health = [] } = deployment.components[caller].calls;
  return new Set([...services, ...health]);
}

/** Nothing goes in or out, then what `calls` names does. Names are resolved by the cluster's DNS. */
export function networkPolicies({ deployment, version }: Release): Manifest[] {
  return [
    policy('default-deny', version, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    policy('dns', version, {
      podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'chartly', 'app.kubernetes.io/instance': INSTANCE } },
      policyTypes: ['Egress'],
      egress: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] }],
    }),
    ...componentsOf(deployment).map(([name]) =>
      policy(name, version, {
        podSelector: { matchLabels: selectorLabels(name) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: ingressOf(deployment, name),
        egress: egressOf(deployment, name),
      }),
    ),
    policy('migration', version, {
      podSelector: { matchLabels: selectorLabels('migration') },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [{ ports: [tcp(deployment.engines.postgres.port)] }],
    }),
    ...monitoringPolicies(deployment, version),
  ];
}

const policy = (name: string, version: string, spec: object): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: nameOf(name), namespace: NAMESPACE, labels: labels(name, version) },
  spec,
});

const pods = (component: string): object => ({ podSelector: { matchLabels: selectorLabels(component) } });

function ingressOf(deployment: Deployment, name: ServiceName): object[] {
  const { ports } = deployment.platform;
  const callers = componentsOf(deployment)
    .filter(([caller]) => calledBy(deployment, caller).has(name))
    .map(([caller]) => pods(caller));
  return [
    ...(deployment.components[name].public ? [{ ports: [tcp(ports.public)] }] : []),
    { from: [...callers, pods('prometheus')], ports: [tcp(ports.internal)] },
  ];
}

function egressOf(deployment: Deployment, name: ServiceName): object[] {
  const { ports } = deployment.platform;
  const { engines, outside } = deployment.components[name].calls;
  const called = [...calledBy(deployment, name)].map(pods);
  return [
    ...(called.length > 0 ? [{ to: called, ports: [tcp(ports.internal)] }] : []),
    ...engines.map((engine) => ({ ports: [tcp(deployment.engines[engine].port)] })),
    ...(outside
      ? [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: PRIVATE_RANGES } }], ports: [tcp(80), tcp(443)] }]
      : []),
  ];
}

function monitoringPolicies(deployment: Deployment, version: string): Manifest[] {
  const { prometheus, grafana } = deployment.monitoring;
  return [
    policy('prometheus', version, {
      podSelector: { matchLabels: selectorLabels('prometheus') },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [pods('grafana')], ports: [tcp(prometheus.port)] }],
      egress: [
        { to: componentsOf(deployment).map(([name]) => pods(name)), ports: [tcp(deployment.platform.ports.internal)] },
      ],
    }),
    policy('grafana', version, {
      podSelector: { matchLabels: selectorLabels('grafana') },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [tcp(grafana.port)] }],
      egress: [{ to: [pods('prometheus')], ports: [tcp(prometheus.port)] }],
    }),
  ];
}

/** One pod of a component may be away at a time; none for a lone replica, which could never be moved (rule 10). */
export const disruptionBudgets = ({ deployment, version }: Release): Manifest[] =>
  componentsOf(deployment)
    .filter(([, { replicas }]) => replicas > 1)
    .map(([name]) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata(name, version),
      spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(name) } },
    }));

/** What the namespace may hold in all: every component at its most replicas, once over for a rollout. */
export function hardQuota(deployment: Deployment): Record<string, string> {
  const all = componentsOf(deployment).map(([, component]) => component);
  const most = (amount: (component: (typeof all)[number]) => number): number =>
    all.reduce((sum, component) => sum + (component.scaling.max + 1) * amount(component), 0);
  const monitors = Object.values(deployment.monitoring);
  const memory = most(({ resources }) => mebibytes(resources.limits.memory));
  const cpu = most(({ resources }) => millicores(resources.requests.cpu));
  const monitorMemory = monitors.reduce((sum, { resources }) => sum + mebibytes(resources.limits.memory), 0);
  return {
    'limits.memory': `${memory + 2 * monitorMemory + 384}Mi`,
    'requests.cpu': `${cpu + 1_000}m`,
    pods: String(all.reduce((sum, { scaling }) => sum + scaling.max + 1, 0) + 2 * monitors.length + 2),
    'services.loadbalancers': '1',
    'services.nodeports': '0',
  };
}

export const quota = ({ deployment, version }: Release): Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: metadata('quota', version, 'chartly'),
    spec: { hard: hardQuota(deployment) },
  },
];

const mebibytes = (quantity: string): number => Number.parseInt(quantity, 10) * (quantity.endsWith('Gi') ? 1_024 : 1);

const millicores = (quantity: string): number =>
  quantity.endsWith('m') ? Number.parseInt(quantity, 10) : Number(quantity) * 1_000;
