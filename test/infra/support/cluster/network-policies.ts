import { KubeObject, LabelSelector, ofKind, selects } from '../objects';

/** What NetworkPolicies mean for one pod, as the rules of nftables inside its own namespace. */
export interface Pod {
  readonly name: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Peer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly protocol: 'TCP' | 'UDP'; readonly port: number }[];
}

interface PolicySpec {
  readonly podSelector: LabelSelector;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

/**
 * The filter of one pod. A pod that no policy of a direction selects is open in it; one that is selected lets through
 * what any of them allows and refuses the rest at once. The node may always come in: it is who asks the probes.
 */
export function filterOf(pod: Pod, pods: readonly Pod[], objects: readonly KubeObject[], node: string): string {
  const policies = ofKind(objects, 'NetworkPolicy')
    .map(({ spec }) => spec as unknown as PolicySpec) // of that kind
    .filter(({ podSelector }) => selects(podSelector, pod.labels));
  const chain = (type: 'Ingress' | 'Egress'): string => {
    const [hook, side] = type === 'Ingress' ? ['input', 'saddr'] : ['output', 'daddr'];
    const own = policies.filter(({ policyTypes }) => policyTypes.includes(type));
    const rules = own.flatMap((policy) => (type === 'Ingress' ? policy.ingress : policy.egress) ?? []);
    const lines = rules.flatMap((rule) => matches(rule, side, pods)); // both are pairs
    const closed = own.length > 0 ? ['reject with icmpx admin-prohibited'] : [];
    return `
  chain ${hook} {
    type filter hook ${hook} priority 0; policy accept;
    ct state established,related accept
    ${type === 'Ingress' ? 'iif' : 'oif'} "lo" accept
    ${type === 'Ingress' ? `ip saddr ${node} accept` : ''}
    ${[...lines.map((line) => `${line} accept`), ...closed].join('\n    ')}
  }`;
  };
  return `table inet chartly
delete table inet chartly
table inet chartly {${chain('Ingress')}${chain('Egress')}
}
`;
}

function matches({ from, to, ports = [] }: Rule, side: string, pods: readonly Pod[]): string[] {
  const peers = from ?? to;
  const addresses = peers === undefined ? [''] : peers.flatMap((peer) => addressesOf(peer, pods, side));
  const services =
    ports.length === 0
      ? ['meta l4proto { tcp, udp }']
      : ports.map(({ protocol, port }) => `${protocol.toLowerCase()} dport ${port}`);
  return addresses.flatMap((address) => services.map((service) => `${address} ${service}`.trim()));
}

function addressesOf({ podSelector, namespaceSelector, ipBlock }: Peer, pods: readonly Pod[], side: string): string[] {
  if (ipBlock) {
    const { cidr, except = [] } = ipBlock;
    const without = except.length > 0 ? ` ip ${side} != { ${except.join(', ')} }` : '';
    return [`${cidr === '0.0.0.0/0' ? '' : `ip ${side} ${cidr}`}${without}`];
  }
  if (namespaceSelector && !podSelector) return ['']; // any pod of any namespace: the cluster's DNS
  const selected = pods.filter(({ labels }) => selects(podSelector ?? {}, labels)).map(({ address }) => address);
  return selected.length === 0 ? [] : [`ip ${side} { ${selected.join(', ')} }`];
}
