import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { loadComponents } from '#deploy/generate/components';
import { calledBy } from '#deploy/generate/kubernetes/policies';
import { SLOS } from '#deploy/generate/monitoring/slos';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { ServiceName, SERVICES } from '#libs/contracts/contract';
import { eventAt, METRICS_PIPELINE, ndjson } from '../scenarios/pushed-events';
import { ROOT } from '../support/paths';
import { until } from '../support/until';
import { MiniCluster } from './support/cluster/cluster';
import { PodNetwork } from './support/cluster/network';
import { Pod } from './support/cluster/network-policies';
import { exemptionOf } from './support/exemptions';
import { dashboards, expressionsOf, withoutVariables } from './support/dashboards';
import { rendered } from './support/helm';
import { KubeObject, objectsOf, ofKind, workloadsOf } from './support/objects';
import { alertExpressions, prometheusRules, recordedNames, seriesIn, unknownMetrics } from './support/rule-files';
import { attempt, describeUnless, kustomize, missingKubernetesTools, missingTools } from './support/tools';

const INTERNAL = 9_090;
const PUBLIC = 8_080;
const PROMETHEUS = 9_090;
/** A Vault at a private address, and its port. */
const VAULT = 'vault';
const VAULT_PORT = 8_200;
const deployment = loadComponents(ROOT);

const reasons = [
  ...missingTools(['bwrap', 'nft', 'ip', 'prometheus', 'promtool']),
  ...(process.getuid?.() === 0 ? [] : ['needs root, for namespaces and users']),
];
const forbidden = reasons.length === 0 ? [PodNetwork.missing(), missingKubernetesTools()] : [];

describeUnless([...reasons, ...forbidden.filter((why) => why !== undefined)], 'the manifests, executed', () => {
  let cluster: MiniCluster;
  let policies: KubeObject[];

  beforeAll(async () => {
    policies = objectsOf(kustomize('deploy/k8s/overlays/policies'));
    cluster = await MiniCluster.create(objectsOf(kustomize('deploy/k8s/overlays/local')), ['prometheus', VAULT]);
    const migration = cluster.start('migration');
    expect([await migration.process.exited, cluster.lastWords('migration')]).toMatchObject([
      { code: 0 },
      expect.anything(),
    ]);
    for (const service of SERVICES) cluster.start(service);
    for (const service of SERVICES) await ready(service);
  });
  afterAll(async () => {
    await cluster?.remove();
  });

  const ask = (service: ServiceName, path: string, port = INTERNAL): Promise<Response> =>
    fetch(`http://${cluster.pod(service).address}:${port}${path}`);

  const ready = (service: ServiceName): Promise<Response> =>
    until(`${service} to be ready`, async () => {
      if (!cluster.pod(service).process.running) throw new Error(`${service} ended: ${cluster.lastWords(service)}`);
      const answer = await ask(service, '/ready').catch(() => undefined);
      return answer?.ok ? answer : undefined;
    });

  describe.each(SERVICES)('%s', (service) => {
    it('is ready and alive on the port that its probes ask', async () => {
      const { readinessProbe, livenessProbe } = cluster.pod(service).workload.containers[0]!;
      expect((await ask(service, readinessProbe!.httpGet!.path)).status).toBe(200);
      expect((await ask(service, livenessProbe!.httpGet!.path)).status).toBe(200);
    });

    it('rule 31: serves metrics that Prometheus has nothing to say against', async () => {
      const text = await (await ask(service, '/metrics')).text();
      expect(text).toContain('chartly_database_connections');
      const { stdout, stderr } = attempt('promtool', ['check', 'metrics'], { input: text });
      const problems = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '');
      expect(problems.filter((problem) => !exemptionOf(31, { component: service, problem }))).toEqual([]);
    });

    it('rules 1 and 2: runs as user 10001 without a capability, and can gain none', async () => {
      const status = await cluster
        .pod(service)
        .sandbox.evaluate(`console.log(require('fs').readFileSync('/proc/self/status', 'utf8'))`);
      expect(status).toMatch(/^Uid:\s+10001\s+10001\s+10001\s+10001$/m);
      expect(status).toMatch(/^Gid:\s+10001\s+10001\s+10001\s+10001$/m);
      expect(status).toMatch(/^CapEff:\s+0000000000000000$/m);
      expect(status).toMatch(/^CapBnd:\s+0000000000000000$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    });

    it('rule 3: can write to its mounts and nowhere else', async () => {
      const mounts = cluster.pod(service).workload.containers[0]!.volumeMounts!.map(({ mountPath }) => mountPath);
      const closed = [
        '/',
        '/app',
        '/app/dist',
        '/etc',
        '/usr',
        '/usr/bin',
        ...(mounts.some((at) => at.startsWith('/var')) ? [] : ['/var']),
      ];
      const script = `for (const folder of ${JSON.stringify([...mounts, ...closed])}) {
        try { require('fs').writeFileSync(folder + '/probe', 'x'); require('fs').unlinkSync(folder + '/probe'); console.log(folder, 'written'); }
        catch ({ code }) { console.log(folder, code); } }`;
      const lines = (await cluster.pod(service).sandbox.evaluate(script)).trim().split('\n');
      const found = Object.fromEntries(lines.map((line) => line.split(' ')));
      for (const mount of mounts) expect([mount, found[mount]]).toEqual([mount, 'written']);
      for (const folder of closed)
        expect([folder, ['EROFS', 'ENOENT'].includes(found[folder])]).toEqual([folder, true]);
    });
  });

  describe('under the network policies', () => {
    let labelled: Pod[];
    beforeAll(() => {
      labelled = workloadsOf(cluster.objects)
        .filter(({ component }) => component !== 'postgres')
        .map(({ component, labels }): Pod => ({
          name: component,
          address: cluster.network.addressOf(component),
          labels,
        }));
      cluster.enforce(policies, labelled);
    });

    /** Which of the targets a pod can connect to. */
    async function reachedBy(
      caller: string,
      targets: readonly (readonly [name: string, host: string, port: number])[],
    ): Promise<Record<string, boolean>> {
      const child = cluster.inNetworkOf(caller, [process.execPath, '-e', CONNECT, JSON.stringify(targets)]);
      let printed = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
      await once(child, 'close');
      return JSON.parse(printed) as Record<string, boolean>;
    }

    it.each(SERVICES)('rule 9: %s reaches whom it calls, and none of the others', async (caller) => {
      const targets = SERVICES.map((service) => [service, cluster.network.addressOf(service), INTERNAL] as const);
      const reached = await reachedBy(caller, targets);
      const allowed = calledBy(deployment, caller);
      const wanted = Object.fromEntries(SERVICES.map((target) => [target, target === caller || allowed.has(target)]));
      expect(reached).toEqual(wanted);
    });

    it('auth reaches a Vault at a private address once it is told of, and nobody else does', async () => {
      const vault = [VAULT, cluster.network.addressOf(VAULT), VAULT_PORT] as const;
      const server = cluster.inNetworkOf(VAULT, [process.execPath, '-e', LISTEN, vault[1], String(VAULT_PORT)]);
      const exited = once(server, 'exit');
      try {
        await once(server.stdout!, 'data'); // it listens
        const reach = async (): Promise<string[]> => {
          const all = SERVICES.map(async (service) => ((await reachedBy(service, [vault]))[VAULT] ? service : []));
          return (await Promise.all(all)).flat();
        };
        expect(await reach()).toEqual([]);
        cluster.enforce([...policies, ...privateEgress(`${vault[1]}/32`)], labelled);
        expect(await reach()).toEqual(['auth']);
      } finally {
        cluster.enforce(policies, labelled);
        server.kill('SIGTERM');
        await exited;
      }
    });

    it('what `helm test` runs finds the front door as it should be, and says so where it is not', async () => {
      const knock = async (component: string): Promise<[number | null, string]> => {
        const url = `http://${cluster.pod(component).address}:${PUBLIC}`;
        const child = spawn(process.execPath, [join(ROOT, 'deploy', 'front-door.mjs'), url]);
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
        const [code] = (await once(child, 'close')) as [number | null]; // node's own event
        return [code, said];
      };
      expect(await knock('gateway')).toEqual([0, '']);
      expect(await knock('audit')).toEqual([1, expect.stringMatching(/^chartly: /)]);
    });

    it('everything still works: pushed, stored and found again', async () => {
      const key = await adminKey();
      const call = (path: string, body: string, type: string): Promise<Response> =>
        fetch(`http://${cluster.pod('gateway').address}:${PUBLIC}${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': type },
          body,
        });
      const applied = await call('/v1/projects/default/apply', METRICS_PIPELINE, 'application/yaml');
      expect([applied.status, await applied.text()]).toMatchObject([200, expect.anything()]);
      const events = Array.from({ length: 500 }, (_, at) => eventAt(at));
      const pushed = await call(
        '/v1/projects/default/pipelines/metrics/events',
        ndjson(events),
        'application/x-ndjson',
      );
      expect(pushed.status).toBe(202);
      await until('the events to be found', async () => {
        const answer = await call(
          '/v1/projects/default/query',
          JSON.stringify({ rollup: 'metrics_hourly' }),
          'application/json',
        );
        const text = await answer.text();
        return answer.ok && /125/.test(text) ? text : undefined;
      });
    });

    it('rule 30: every panel and every rule finds data in a live Prometheus', async () => {
      const scratch = mkdtempSync(join(tmpdir(), 'chartly-prometheus-'));
      const config = join(scratch, 'prometheus.yml');
      const rules = join(scratch, 'rules.yml');
      writeFileSync(rules, stringify(everySecond()));
      const targets = SERVICES.map((service) => ({
        job_name: service,
        static_configs: [{ targets: [`${cluster.network.addressOf(service)}:${INTERNAL}`] }],
      }));
      const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '2s' };
      writeFileSync(config, stringify({ global, rule_files: [rules], scrape_configs: targets }));
      const server = cluster.inNetworkOf('prometheus', [
        'prometheus',
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(scratch, 'data')}`,
        `--web.listen-address=${cluster.network.addressOf('prometheus')}:${PROMETHEUS}`,
        '--log.level=error',
      ]);
      const exited = once(server, 'exit');
      try {
        const expressions = dashboards().flatMap((dashboard) =>
          expressionsOf(dashboard).map((expr) => withoutVariables(expr, dashboard.templating.list[1]!.allValue, '30s')),
        );
        const wanted = [...expressions, ...recordedNames(), ...goodOnes(), ...scalingExpressions()];
        for (const expr of new Set(wanted)) {
          await until(`"${expr}" to find data`, async () => ((await query(expr)).length > 0 ? true : undefined));
        }
        expect(unknownMetrics([...expressions, ...alertExpressions()], await metered())).toEqual([]);
      } finally {
        server.kill('SIGTERM');
        await exited;
        rmSync(scratch, { recursive: true, force: true });
      }
    });
  });

  it('rule 30 is seen: a panel about a metric that nobody serves', async () => {
    const panel = 'sum(rate(chartly_nobody_counts_total{job="audit"}[5m])) / sum(chartly_database_connections)';
    expect(unknownMetrics([panel], await metered())).toEqual(['chartly_nobody_counts_total']);
  });

  it.each([...SERVICES])('%s ends with 0 within its grace period when it is told to', async (service) => {
    expect([await cluster.terminate(service), cluster.lastWords(service)]).toMatchObject([0, expect.anything()]);
  });

  async function metered(): Promise<string[]> {
    const texts = await Promise.all(SERVICES.map(async (service) => (await ask(service, '/metrics')).text()));
    return texts.flatMap(seriesIn);
  }

  async function adminKey(): Promise<string> {
    const link = join(cluster.pod('auth').volumes, 'data', 'setup-link');
    const text = await until('the setup link', () =>
      Promise.resolve(existsSync(link) ? readFileSync(link, 'utf8') : undefined),
    );
    const answer = await fetch(`http://${cluster.pod('gateway').address}:${PUBLIC}/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: text.split('#')[1]!.trim(), keyName: 'admin' }),
    });
    expect(answer.status).toBeLessThan(300);
    return ((await answer.json()) as CreatedKey).key;
  }

  async function query(expr: string): Promise<{ metric: Record<string, string> }[]> {
    const url = `http://${cluster.network.addressOf('prometheus')}:${PROMETHEUS}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const answer = await fetch(url).catch(() => undefined);
    if (!answer || answer.status === 503) return []; // it is not there yet
    const { status, data, error } = (await answer.json()) as {
      status: string;
      data?: { result: { metric: Record<string, string> }[] };
      error?: string;
    };
    if (status !== 'success') throw new Error(`${expr}: ${error}`);
    return data?.result ?? [];
  }
});

/** Tries to connect to each of `[name, host, port]`; prints who could be reached. */
const CONNECT = `
const net = require('node:net');
const reach = ([name, host, port]) => new Promise((resolve) => {
  const socket = net.connect(port, host);
  socket.on('connect', () => { socket.destroy(); resolve([name, true]); });
  socket.on('error', () => resolve([name, false]));
});
Promise.all(JSON.parse(process.argv[1]).map(reach)).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));
`;

/** Listens on a host and a port, says so, and takes whoever connects. */
const LISTEN = `
const [, host, port] = process.argv;
require('node:net').createServer((socket) => socket.destroy()).listen(Number(port), host, () => console.log('listens'));
`;

/** The policies that `deploy/k8s/components/private-egress` adds to an overlay, for one network. */
function privateEgress(cidr: string): KubeObject[] {
  const scratch = mkdtempSync(join(tmpdir(), 'chartly-overlay-'));
  try {
    const patch = JSON.stringify([{ op: 'replace', path: '/spec/egress/0/to/0/ipBlock/cidr', value: cidr }]);
    const target = { kind: 'NetworkPolicy', name: 'chartly-auth-private' };
    const components = [relative(scratch, join(ROOT, 'deploy', 'k8s', 'components', 'private-egress'))];
    writeFileSync(join(scratch, 'kustomization.yaml'), stringify({ components, patches: [{ target, patch }] }));
    return objectsOf(kustomize(scratch));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** All rules, without the intervals that spare Prometheus the long windows: nobody waits minutes here. */
const everySecond = (): object => ({ groups: [{ name: 'all', rules: prometheusRules() }] });

/** How the objectives count what is good, which their ratios take for none where nothing is found. Nothing was due here. */
const goodOnes = (): string[] => SLOS.flatMap(({ id, good }) => (id === 'run_start' ? [] : [good('5m')]));

/** What scales a component by its queue asks this of Prometheus. */
function scalingExpressions(): string[] {
  const keda = { autoscaling: { enabled: true, queue: { source: 'keda' } } };
  const objects = rendered({ values: { components: { normalizer: keda, analytics: keda } } });
  return ofKind(objects, 'ScaledObject').map(({ spec }) => {
    const triggers = spec!.triggers as { type: string; metadata: { query?: string } }[]; // the chart's own
    return triggers.find(({ type }) => type === 'prometheus')!.metadata.query!; // helm-scaling.spec.ts holds them to it
  });
}
