import { parseAllDocuments } from 'yaml';

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number };
  readonly exec?: { readonly command: readonly string[] };
  readonly tcpSocket?: object;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
    readonly configMapKeyRef?: { readonly name: string; readonly key: string };
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string }; readonly secretRef?: object }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number; readonly hostPort?: number }[];
  readonly securityContext?: SecurityContext;
  readonly resources?: { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly exec?: { readonly command: readonly string[] } } };
}

export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly configMap?: { readonly name: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly [kind: string]: unknown;
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly terminationGracePeriodSeconds?: number;
  readonly topologySpreadConstraints?: readonly object[];
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
}

type Labels = Readonly<Record<string, string>>;

/** A Kubernetes object, as far as the rules look into it. Read from text that our generator or Helm wrote. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
  readonly data?: Labels;
  // eslint cannot see into a spec of many kinds; each rule reads its own
  readonly spec?: Record<string, unknown>;
}

/** The objects of a stream of YAML documents. Throws for one that is no YAML. */
export function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text, { version: '1.1', merge: true }).flatMap((document) => {
    if (document.errors[0]) throw document.errors[0];
    const value: unknown = document.toJS();
    return value === null ? [] : [value as KubeObject]; // the border: rules check what they need
  });
}

/** The pods that an object makes. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly component: string;
  readonly replicas: number;
  readonly selector?: Labels;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly pod: PodSpec;
  readonly containers: readonly Container[];
  readonly object: KubeObject;
}

const COMPONENT = 'app.kubernetes.io/component';

export const componentOf = ({ metadata }: KubeObject): string => metadata.labels?.[COMPONENT] ?? metadata.name;

export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  return objects
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod'].includes(kind))
    .map((object) => {
      const spec = object.spec as {
        replicas?: number;
        selector?: { matchLabels: Labels };
        template?: { metadata?: { labels?: Labels; annotations?: Labels }; spec: PodSpec };
      };
      const pod = spec.template?.spec ?? (object.spec as unknown as PodSpec); // a bare Pod
      const meta = spec.template?.metadata ?? object.metadata;
      return {
        kind: object.kind,
        name: object.metadata.name,
        component: componentOf(object),
        replicas: spec.replicas ?? 1,
        selector: spec.selector?.matchLabels,
        labels: meta.labels ?? {},
        annotations: meta.annotations ?? {},
        pod,
        containers: [...(pod.initContainers ?? []), ...pod.containers],
        object,
      };
    });
}

export const ofKind = (objects: readonly KubeObject[], ...kinds: readonly string[]): KubeObject[] =>
  objects.filter(({ kind }) => kinds.includes(kind));

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: string[];
  }[];
}

/** Whether a label selector takes these labels. An empty one takes all. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      return operator === 'Exists' ? value !== undefined : value === undefined;
    })
  );
}
