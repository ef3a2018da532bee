import { ChildProcess, spawn, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KubeObject, ofKind, Workload } from '../objects';
import { Image } from './image';

/** Secret or ConfigMap -> key -> value. */
export type Data = Readonly<Record<string, Readonly<Record<string, string>>>>;

const MIB = 2 ** 20;
/** What the base image would bring, read-only. */
const BASE = ['/usr', '/etc'];
/** Folders that the image has, so that mounts lie in something that every user may pass. */
const FOLDERS = ['/var', '/var/lib', '/var/lib/chartly'];
const LINKS = ['bin', 'sbin', 'lib', 'lib64'];

/** The variables of a container as Kubernetes gives them. Throws when one that is not optional cannot be had. */
export function environmentOf(workload: Workload, objects: readonly KubeObject[], data: Data): Record<string, string> {
  const [container] = workload.containers;
  const configs: Data = {
    ...data,
    ...Object.fromEntries(ofKind(objects, 'ConfigMap').map((object) => [object.metadata.name, object.data ?? {}])),
  };
  const shared = (container?.envFrom ?? []).map(({ configMapRef }) => configs[configMapRef?.name ?? ''] ?? {});
  const own = (container?.env ?? []).flatMap(({ name, value, valueFrom }) => {
    const ref = valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef;
    const found = value ?? (ref ? configs[ref.name]?.[ref.key] : undefined);
    if (found !== undefined) return [[name, found] as const];
    if (ref && 'optional' in ref && ref.optional) return [];
    throw new Error(`${workload.name}: ${name} wants ${ref?.name}/${ref?.key}, which is not there.`);
  });
  return { ...(Object.assign({}, ...shared) as Record<string, string>), ...Object.fromEntries(own) }; // ConfigMaps hold texts
}

interface Place {
  readonly namespace: string;
  /** Host names of the other pods, as the cluster's DNS would give them. */
  readonly hostsFile: string;
  /** Where the pod's volumes are on this machine. */
  readonly volumes: string;
  /** Volumes that several pods share, by the name of their claim. */
  readonly claims: string;
}

/**
 * One pod as its manifest describes it, in a sandbox: the user, no capability, no new privilege, a root file system that
 * is read-only but for the mounts, the variables and nothing else, in the pod's own network.
 */
export class SandboxedPod {
  constructor(
    readonly workload: Workload,
    private readonly image: Image,
    private readonly env: Readonly<Record<string, string>>,
    private readonly place: Place,
  ) {}

  /** Starts what the manifest says: the image's entrypoint with the container's arguments. */
  start(logs: SpawnOptions['stdio']): SandboxedProcess {
    const { entrypoint, command } = this.image;
    const [, ...options] = entrypoint;
    const args = this.workload.containers[0]?.args ?? command;
    return new SandboxedProcess(this.spawn([process.execPath, ...options, ...args], logs));
  }

  /** Runs a script in a second sandbox of the same pod; gives what it prints. */
  async evaluate(script: string): Promise<string> {
    const child = this.spawn([process.execPath, '-e', script], ['ignore', 'pipe', 'pipe', 'pipe']);
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await once(child, 'close');
    return printed;
  }

  private spawn(command: readonly string[], stdio: SpawnOptions['stdio']): ChildProcess {
    const { runAsUser, runAsGroup } = this.workload.pod.securityContext ?? {};
    const context = this.workload.containers[0]?.securityContext ?? {};
    const user = context.runAsUser ?? runAsUser;
    const group = context.runAsGroup ?? runAsGroup;
    const privileges = [
      'setpriv',
      `--reuid=${user}`,
      `--regid=${group}`,
      '--clear-groups',
      ...(context.allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
      ...(context.capabilities?.drop?.includes('ALL') ? ['--bounding-set=-all', '--inh-caps=-all'] : []),
    ];
    const sandbox = [
      'bwrap',
      '--unshare-pid',
      '--unshare-ipc',
      '--unshare-uts',
      '--die-with-parent',
      '--as-pid-1',
      '--info-fd',
      '3',
      ...BASE.flatMap((folder) => ['--ro-bind', folder, folder]),
      ...LINKS.flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
      '--ro-bind',
      this.place.hostsFile,
      '/etc/hosts',
      '--ro-bind',
      this.image.folder,
      this.image.workdir,
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      ...FOLDERS.flatMap((folder) => ['--perms', '0755', '--dir', folder]),
      ...this.mounts(Number(group)),
      ...(context.readOnlyRootFilesystem ? ['--remount-ro', '/'] : []),
      '--chdir',
      this.image.workdir,
      '--clearenv',
      ...Object.entries({ PATH: '/usr/bin:/bin', ...this.image.env, ...this.env }).flatMap(([name, value]) => [
        '--setenv',
        name,
        value,
      ]),
    ];
    const args = ['netns', 'exec', this.place.namespace, ...sandbox, '--', ...privileges, ...command];
    return spawn('ip', args, { stdio });
  }

  /** The pod's mounts, each writable as far as it is declared. */
  private mounts(group: number): string[] {
    const volumes = new Map((this.workload.pod.volumes ?? []).map((volume) => [volume.name, volume]));
    const ordered = [...(this.workload.containers[0]?.volumeMounts ?? [])].sort(
      (one, other) => one.mountPath.length - other.mountPath.length,
    );
    return ordered.flatMap(({ name, mountPath }) => {
      const volume = volumes.get(name);
      if (mountPath === '/tmp') {
        return ['--perms', '1777', '--size', String(bytesOf(volume?.emptyDir?.sizeLimit ?? '64Mi')), '--tmpfs', '/tmp'];
      }
      const claim = volume?.persistentVolumeClaim?.claimName;
      const folder =
        claim === undefined ? join(this.place.volumes, this.workload.name, name) : join(this.place.claims, claim);
      mkdirSync(folder, { recursive: true });
      chownSync(folder, group, group);
      return ['--bind', folder, mountPath];
    });
  }
}

const bytesOf = (quantity: string): number =>
  Number.parseInt(quantity, 10) * (quantity.endsWith('Gi') ? 1_024 : 1) * MIB;

/** The first process of a pod. */
export class SandboxedProcess {
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  private readonly pid: Promise<number>;
  private complaints = '';

  constructor(private readonly child: ChildProcess) {
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }) as never); // node's own event
    this.pid = readPid(child);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = `${this.complaints}${text}`.slice(-4_000);
    });
  }

  get complaint(): string {
    return this.complaints;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Ends it as a kubelet does: the delay of `preStop`, SIGTERM to its first process, and SIGKILL when the grace period
   * is over. Gives its exit code.
   */
  async terminate(
    { terminationGracePeriodSeconds = 30 }: Workload['pod'],
    preStopSeconds: number,
  ): Promise<number | null> {
    if (!this.running) return this.child.exitCode;
    const pid = await this.pid;
    process.kill(pid, 'SIGTERM');
    const grace = (terminationGracePeriodSeconds - preStopSeconds) * 1_000;
    const killer = setTimeout(() => process.kill(pid, 'SIGKILL'), grace);
    const { code } = await this.exited;
    clearTimeout(killer);
    return code;
  }
}

/** The process as this machine numbers it; inside, it is process 1. */
async function readPid(child: ChildProcess): Promise<number> {
  const info = child.stdio[3];
  if (!info || !('on' in info)) throw new Error('There is no pipe for the sandbox to tell its process by.');
  let text = '';
  for await (const chunk of info as AsyncIterable<Buffer>) text += chunk.toString('utf8'); // a readable pipe
  return (JSON.parse(text) as { 'child-pid': number })['child-pid'];
}
