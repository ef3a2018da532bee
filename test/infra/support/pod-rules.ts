import { Container, Workload } from './objects';

/** Rules 1 to 8, 12 and 32: what a pod may be. Each gives what is wrong with one workload. */
const USER = 10_001;
/** Kinds of volume that the restricted Pod Security Standard lets in. */
const VOLUME_KINDS = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
/** What is kept read-write, by component; all else is read-only. */
const DATA_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  audit: ['/var/lib/chartly/objects'],
  'connector-hub': ['/var/lib/chartly', '/var/lib/chartly/objects'],
  storage: ['/var/lib/chartly', '/var/lib/chartly/objects'],
  auth: ['/var/lib/chartly'],
  prometheus: ['/prometheus'],
  grafana: ['/var/lib/grafana'],
  postgres: ['/var/lib/postgresql/data', '/var/run/postgresql'],
};

const MONITORS = ['prometheus', 'grafana'];

const each = (workload: Workload, check: (container: Container) => (string | false | undefined)[]): string[] =>
  workload.containers.flatMap((container) =>
    check(container).flatMap((problem) => (problem ? [`container ${container.name}: ${problem}`] : [])),
  );

const some = (...problems: (string | false | undefined)[]): string[] =>
  problems.filter((problem) => typeof problem === 'string');

/** Rule 1: the restricted Pod Security Standard, on the pod and on each container. */
export function restricted(workload: Workload): string[] {
  const { pod } = workload;
  return [
    ...some(
      [pod.hostNetwork, pod.hostPID, pod.hostIPC].includes(true) && 'shares a namespace with the host',
      pod.securityContext?.runAsNonRoot !== true && 'the pod may run as root',
      ...(pod.volumes ?? []).map((volume) => {
        const [kind = 'none'] = Object.keys(volume).filter((key) => key !== 'name');
        return !VOLUME_KINDS.includes(kind) && `volume ${volume.name} is a ${kind}`;
      }),
    ),
    ...each(workload, ({ securityContext: context = {}, ports = [] }) => [
      context.runAsNonRoot !== true && 'may run as root',
      context.privileged && 'is privileged',
      context.allowPrivilegeEscalation !== false && 'may gain privileges',
      !context.capabilities?.drop?.includes('ALL') && 'keeps capabilities',
      (context.capabilities?.add ?? []).length > 0 && 'adds capabilities',
      (context.seccompProfile ?? pod.securityContext?.seccompProfile)?.type !== 'RuntimeDefault' &&
        'has no seccomp profile',
      ports.some(({ hostPort }) => hostPort !== undefined) && 'takes a port of the host',
    ]),
  ];
}

/** Rule 2: one user everywhere, and a root file system that cannot be written to. */
export function sameUser(workload: Workload): string[] {
  const { runAsUser, runAsGroup, fsGroup, seccompProfile } = workload.pod.securityContext ?? {};
  return [
    ...some(
      runAsUser !== USER && `the pod runs as user ${runAsUser}`,
      runAsGroup !== USER && `the pod runs as group ${runAsGroup}`,
      fsGroup !== USER && `the pod's volumes belong to group ${fsGroup}`,
      seccompProfile?.type !== 'RuntimeDefault' && 'the pod has no seccomp profile',
    ),
    ...each(workload, ({ securityContext: context = {} }) => [
      (context.runAsUser ?? runAsUser) !== USER && `runs as user ${context.runAsUser}`,
      (context.runAsGroup ?? runAsGroup) !== USER && `runs as group ${context.runAsGroup}`,
      context.readOnlyRootFilesystem !== true && 'can write to its root file system',
      context.allowPrivilegeEscalation !== false && 'may gain privileges',
      context.capabilities?.drop?.join() !== 'ALL' && 'does not drop all capabilities',
    ]),
  ];
}

/** Rule 3: `/tmp` with a bound, and the data folders declared above. */
export function writableMounts(workload: Workload): string[] {
  const allowed = ['/tmp', ...(DATA_FOLDERS[workload.component] ?? [])];
  const volumes = new Map((workload.pod.volumes ?? []).map((volume) => [volume.name, volume]));
  return [
    ...[...volumes.values()].flatMap(({ name, emptyDir }) =>
      emptyDir && emptyDir.sizeLimit === undefined ? [`volume ${name} has no sizeLimit`] : [],
    ),
    ...each(workload, ({ volumeMounts = [] }) => [
      !volumeMounts.some(({ mountPath }) => mountPath === '/tmp') && 'has no /tmp',
      ...volumeMounts.map(({ name, mountPath, readOnly }) => {
        const volume = volumes.get(name);
        if (!volume) return `mounts ${name}, which is no volume`;
        const writable = !readOnly && !volume.configMap;
        return writable && !allowed.includes(mountPath) && `can write to ${mountPath}`;
      }),
    ]),
  ];
}

/** Rule 4: a service account of its own, and no key to the cluster. */
export function ownAccount(workload: Workload, all: readonly Workload[]): string[] {
  const { pod, component } = workload;
  const account = pod.serviceAccountName ?? 'default';
  const sharing = all.filter((other) => other.component !== component && other.pod.serviceAccountName === account);
  return some(
    pod.automountServiceAccountToken !== false && 'mounts a token of the cluster',
    pod.enableServiceLinks !== false && 'gets service links, which look like variables of ours',
    account === 'default' && 'runs under the default service account',
    sharing.length > 0 && `shares its service account with ${sharing.map((other) => other.component).join(', ')}`,
  );
}

/** Rule 6: a probe of each kind, and ready is not alive. */
export function threeProbes(workload: Workload): string[] {
  const ours = !['prometheus', 'grafana', 'postgres'].includes(workload.component);
  return each(workload, ({ startupProbe, readinessProbe, livenessProbe }) => [
    !startupProbe && 'has no startup probe',
    !readinessProbe && 'has no readiness probe',
    !livenessProbe && 'has no liveness probe',
    readinessProbe &&
      JSON.stringify(readinessProbe.httpGet ?? readinessProbe.exec) ===
        JSON.stringify(livenessProbe?.httpGet ?? livenessProbe?.exec) &&
      'asks the same for ready and alive',
    ours && readinessProbe?.httpGet?.path !== '/ready' && 'is not asked /ready',
    ours && livenessProbe?.httpGet?.path !== '/health' && 'is not asked /health',
  ]);
}

/** Rule 7, without the limit on the CPU, which has an exemption. */
export const boundedMemory = (workload: Workload): string[] =>
  each(workload, ({ resources }) => [
    !resources?.requests?.cpu && 'requests no CPU',
    !resources?.requests?.memory && 'requests no memory',
    !resources?.limits?.memory && 'has no limit on memory',
  ]);

/** Rule 7's other half. */
export const boundedCpu = (workload: Workload): string[] =>
  each(workload, ({ resources }) => [!resources?.limits?.cpu && 'has no limit on the CPU']);

/** Rule 8: a tag or digest, and never latest. */
export const pinnedImage = (workload: Workload): string[] =>
  each(workload, ({ image }) => [!/(?::(?!latest$)[\w][\w.-]*|@sha256:[0-9a-f]{64})$/.test(image) && `runs ${image}`]);

/** Rule 12: what is told to end has the time that it takes: the delay, then the drain. */
export function timeToDrain(workload: Workload, drainSeconds: number): string[] {
  const grace = workload.pod.terminationGracePeriodSeconds ?? 30;
  return each(workload, ({ lifecycle }) => {
    const [command, seconds] = lifecycle?.preStop?.exec?.command ?? [];
    const delay = command === '/bin/sleep' ? Number(seconds) : 0;
    return [
      !(delay > 0) && 'stops to listen before endpoints forget it',
      grace <= delay + drainSeconds && `has ${grace} s for a delay of ${delay} s and a drain of ${drainSeconds} s`,
    ];
  });
}

/** Rule 32: a monitor writes to its data folder and `/tmp`, and to nothing else. */
export function ownFolderAlone(workload: Workload): string[] {
  const { component, containers, pod } = workload;
  if (!MONITORS.includes(component)) return [];
  const configured = new Set((pod.volumes ?? []).filter(({ configMap }) => configMap).map(({ name }) => name));
  const wanted = [...DATA_FOLDERS[component]!, '/tmp'].sort().join(); // monitors stand there
  return containers.flatMap(({ securityContext, volumeMounts = [] }) => {
    const writable = volumeMounts
      .filter(({ name, readOnly }) => !readOnly && !configured.has(name))
      .map(({ mountPath }) => mountPath);
    return some(
      securityContext?.readOnlyRootFilesystem !== true && 'can write anywhere',
      writable.sort().join() !== wanted && `writes to ${writable.join()} and not to ${wanted}`,
    );
  });
}
