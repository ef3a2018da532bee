import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadComponents } from '#deploy/generate/components';
import { calledBy } from '#deploy/generate/kubernetes/policies';
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
import { KubeObject, objectsOf, workloadsOf } from './support/objects';
import { attempt, describeUnless, kustomize, missingKubernetesTools, missingTools } from './support/tools';

const INTERNAL = 9_090;
const PUBLIC = 8_080;
const PROMETHEUS = 9_090;
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
    cluster = await MiniCluster.create(objectsOf(kustomize('deploy/k8s/overlays/local')), ['prometheus']);
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
    beforeAll(() => {
      const labelled = workloadsOf(cluster.objects)
        .filter(({ component }) => component !== 'postgres')
        .map(({ component, labels }): Pod => ({
          name: component,
          address: cluster.network.addressOf(component),
          labels,
        }));
      cluster.enforce(policies, labelled);
    });

    it.each(SERVICES)('rule 9: %s reaches whom it calls, and none of the others', async (caller) => {
      const targets = SERVICES.map((service) => [service, cluster.network.addressOf(service), INTERNAL]);
      const child = cluster.inNetworkOf(caller, [process.execPath, '-e', CONNECT, JSON.stringify(targets)]);
      let printed = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
      await once(child, 'close');
      const reached = JSON.parse(printed) as Record<string, boolean>;
      const allowed = calledBy(deployment, caller);
      const wanted = Object.fromEntries(SERVICES.map((target) => [target, target === caller || allowed.has(target)]));
      expect(reached).toEqual(wanted);
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
        for (const expr of [...new Set([...expressions, ...recorded()])]) {
          await until(`"${expr}" to find data`, async () => ((await query(expr)).length > 0 ? true : undefined));
        }
        const used = new Set([...expressions, ...alertExpressions()].flatMap(metricsIn));
        const known = new Set([...(await metered()), ...recorded()]);
        expect([...used].filter((name) => !known.has(name))).toEqual([]);
      } finally {
        server.kill('SIGTERM');
        await exited;
        rmSync(scratch, { recursive: true, force: true });
      }
    });
  });

  it.each([...SERVICES])('%s ends with 0 within its grace period when it is told to', async (service) => {
    expect([await cluster.terminate(service), cluster.lastWords(service)]).toMatchObject([0, expect.anything()]);
  });

  /** The names of all series that the nine serve, whether they have had a sample yet or not. */
  async function metered(): Promise<string[]> {
    const texts = await Promise.all(SERVICES.map(async (service) => (await ask(service, '/metrics')).text()));
    return texts.flatMap((text) =>
      [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
        type === 'histogram'
          ? ['bucket', 'count', 'sum'].map((part) => `${name}_${part}`)
          : [name!, `${name}_sum`, `${name}_count`],
      ),
    );
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

const RULES = join(ROOT, 'deploy', 'monitoring', 'rules');
const rulesIn = (): { record?: string; alert?: string; expr: string }[] =>
  readdirSync(RULES).flatMap((file) => {
    const { groups } = objectsOfYaml(readFileSync(join(RULES, file), 'utf8'));
    return groups.flatMap(({ rules }) => rules);
  });
const objectsOfYaml = (text: string): { groups: { rules: { record?: string; alert?: string; expr: string }[] }[] } =>
  objectsOf(text)[0] as never; // a file of rules
/** All rules, without the intervals that spare Prometheus the long windows: nobody waits minutes here. */
const everySecond = (): object => ({ groups: [{ name: 'all', rules: rulesIn() }] });
const recorded = (): string[] => rulesIn().flatMap(({ record }) => record ?? []);
const alertExpressions = (): string[] => rulesIn().flatMap(({ alert, expr }) => (alert === undefined ? [] : [expr]));

/** The names of metrics in an expression. */
const metricsIn = (expr: string): string[] =>
  [...expr.replaceAll(/"[^"]*"|\[[^\]]*\]/g, '').matchAll(/\b(?:chartly|nodejs|process|slo|job)[_:][a-z0-9_:]+/gi)].map(
    ([name]) => name,
  );
