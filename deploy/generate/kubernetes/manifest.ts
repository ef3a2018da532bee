/** A Kubernetes object, as far as the generator needs to know it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The namespace, the release and the prefix of every name in the raw manifests. */
export const NAMESPACE = 'chartly';
export const INSTANCE = 'chartly';

/** What selects a component's pods: these three and nothing that a release changes (rule 5). */
export const selectorLabels = (component: string): Record<string, string> => ({
  'app.kubernetes.io/name': 'chartly',
  'app.kubernetes.io/instance': INSTANCE,
  'app.kubernetes.io/component': component,
});

export const labels = (component: string, version: string): Record<string, string> => ({
  ...selectorLabels(component),
  'app.kubernetes.io/version': version,
  'app.kubernetes.io/part-of': 'chartly',
});

export const nameOf = (component: string): string => `${INSTANCE}-${component}`;

export const metadata = (component: string, version: string, name = nameOf(component)): Manifest['metadata'] => ({
  name,
  namespace: NAMESPACE,
  labels: labels(component, version),
});
