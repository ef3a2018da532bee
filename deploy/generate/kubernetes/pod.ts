import { Writable } from '../components';

/** The pod's half of the security baseline (rules 1, 2 and 4). */
export const podSecurity = (user: number): object => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  },
});

/** The container's half. */
export const containerSecurity = (user: number): object => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
});

export const volumeMounts = (writable: readonly Writable[]): object[] =>
  writable.map(({ name, path }) => ({ name, mountPath: path }));

/** Scratch space with a bound (rule 3), or the claim that keeps what must outlive a pod. */
export const volumes = (writable: readonly Writable[], claim: string): object[] =>
  writable.map(({ name, size, persistent }) =>
    persistent ? { name, persistentVolumeClaim: { claimName: claim } } : { name, emptyDir: { sizeLimit: size } },
  );

interface ProbePaths {
  readonly ready: string;
  readonly live: string;
  readonly port: string;
}

/** Ready, alive, and five minutes to come up in (rule 6). */
export const probes = ({ ready, live, port }: ProbePaths): object => ({
  startupProbe: { httpGet: { path: live, port }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 150 },
  readinessProbe: { httpGet: { path: ready, port }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
  livenessProbe: { httpGet: { path: live, port }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 },
});

/** Replicas apart, by node and by zone, as far as the cluster allows (rule 10). */
export const spread = (labels: Readonly<Record<string, string>>): object => ({
  topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
  })),
});
