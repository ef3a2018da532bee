import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localSecrets } from '#apps/cli/infra/kubernetes-secrets';
import { freshSecrets } from '#apps/cli/infra/secrets';
import { startTestPostgres, TestPostgres } from '#libs/testing/postgres';
import { KubeObject, objectsOf, Workload, workloadsOf } from '../objects';
import { Image, layOutImage } from './image';
import { filterOf, Pod } from './network-policies';
import { PodNetwork } from './network';
import { Data, environmentOf, SandboxedPod, SandboxedProcess } from './sandbox';

const NAMESPACE = 'chartly';
const POSTGRES = { host: 'chartly-postgres', port: 5_432 };
const PRE_STOP_SECONDS = 5;

/** A pod that runs as its manifest says. */
export interface RunningPod {
  readonly workload: Workload;
  readonly address: string;
  readonly sandbox: SandboxedPod;
  readonly process: SandboxedProcess;
  readonly volumes: string;
}

/**
 * What manifests describe, executed on this machine: each pod in a sandbox and a network namespace of its own, names
 * resolved as the cluster would, Postgres outside. No orchestrator: the test says what starts and ends.
 */
export class MiniCluster {
  readonly pods = new Map<string, RunningPod>();

  private constructor(
    private readonly scratch: string,
    readonly network: PodNetwork,
    readonly objects: readonly KubeObject[],
    private readonly image: Image,
    private readonly postgres: TestPostgres,
    private readonly proxy: Server,
    private readonly data: Data,
  ) {}

  /** For the pods of `objects`; components in `more` get a place in the network and are started by the test itself. */
  static async create(objects: readonly KubeObject[], more: readonly string[] = []): Promise<MiniCluster> {
    const scratch = mkdtempSync(join(tmpdir(), 'chartly-cluster-'));
    chmodSync(scratch, 0o755);
    const image = layOutImage();
    const network = PodNetwork.create();
    const postgres = await startTestPostgres();
    const proxy = await forward(network.node, POSTGRES.port, Number(new URL(postgres.appUrl).port));
    const cluster = new MiniCluster(scratch, network, objects, image, postgres, proxy, secretsFor(postgres));
    for (const component of [...new Set([...workloadsOf(objects).map(({ component: of }) => of), ...more])]) {
      if (component !== 'postgres') network.add(component);
    }
    cluster.writeHosts();
    return cluster;
  }

  /** Starts a component's pod. */
  start(component: string): RunningPod {
    const workload = this.workload(component);
    const env = environmentOf(workload, this.objects, this.data);
    const volumes = join(this.scratch, 'volumes');
    mkdirSync(volumes, { recursive: true });
    const sandbox = new SandboxedPod(workload, this.image, env, {
      namespace: this.network.namespaceOf(component),
      hostsFile: join(this.scratch, 'hosts'),
      volumes,
      claims: join(this.scratch, 'claims'),
    });
    const log = openSync(this.logOf(component), 'a');
    const process = sandbox.start(['ignore', log, log, 'pipe']);
    closeSync(log);
    const address = this.network.addressOf(component);
    const pod = { workload, address, sandbox, process, volumes: join(volumes, workload.name) };
    this.pods.set(component, pod);
    return pod;
  }

  logOf(component: string): string {
    return join(this.scratch, `${component}.log`);
  }

  /** The last of what a component wrote, for the sentence when something is not as it should be. */
  lastWords(component: string): string {
    return readFileSync(this.logOf(component), 'utf8').slice(-1_500);
  }

  pod(component: string): RunningPod {
    const pod = this.pods.get(component);
    if (!pod) throw new Error(`${component} does not run.`);
    return pod;
  }

  /** Ends a pod as a kubelet does; gives its exit code. */
  terminate(component: string): Promise<number | null> {
    const { process, workload } = this.pod(component);
    return process.terminate(workload.pod, PRE_STOP_SECONDS);
  }

  /** Puts the network policies in force, for every pod. */
  enforce(policies: readonly KubeObject[], labelled: readonly Pod[]): void {
    for (const pod of labelled) this.network.filter(pod.name, filterOf(pod, labelled, policies, this.network.node));
  }

  /** Runs a command inside a pod's network, outside of its sandbox. */
  inNetworkOf(component: string, command: readonly string[]): ReturnType<typeof spawn> {
    const args = ['netns', 'exec', this.network.namespaceOf(component), ...command];
    return spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async remove(): Promise<void> {
    for (const { process, workload } of this.pods.values()) await process.terminate(workload.pod, PRE_STOP_SECONDS);
    this.proxy.close();
    await this.postgres.stop();
    this.network.remove();
    rmSync(this.image.folder, { recursive: true, force: true });
    rmSync(this.scratch, { recursive: true, force: true });
  }

  private workload(component: string): Workload {
    const found = workloadsOf(this.objects).find((workload) => workload.component === component);
    if (!found) throw new Error(`No manifest describes ${component}.`);
    return found;
  }

  private writeHosts(): void {
    const pods = workloadsOf(this.objects).filter(({ component }) => component !== 'postgres');
    const lines = pods.map(({ component, name }) => `${this.network.addressOf(component)} ${name}`);
    const all = ['127.0.0.1 localhost', `${this.network.node} ${POSTGRES.host}`, ...lines];
    writeFileSync(join(this.scratch, 'hosts'), `${all.join('\n')}\n`);
  }
}

/** The Secrets of `chartly infra secrets --for local`, with the database of this test. */
function secretsFor(postgres: TestPostgres): Data {
  const objects = objectsOf(localSecrets(freshSecrets(), NAMESPACE)) as (KubeObject & {
    stringData?: Record<string, string>;
  })[]; // Secrets have texts beside what KubeObject knows
  const data = Object.fromEntries(
    objects.map(({ metadata, data: entries, stringData }) => [metadata.name, stringData ?? entries ?? {}]),
  );
  const inside = (url: string): string => {
    const changed = new URL(url);
    changed.host = `${POSTGRES.host}:${POSTGRES.port}`;
    return changed.href;
  };
  return {
    ...data,
    'chartly-database': { url: inside(postgres.appUrl) },
    'chartly-migration': { url: inside(postgres.ownerUrl) },
  };
}

/** Listens on the pods' bridge, which nobody outside of this machine reaches, for a server that listens on loopback. */
async function forward(host: string, port: number, target: number): Promise<Server> {
  const server = createServer((socket) => {
    const upstream = connect(target, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
