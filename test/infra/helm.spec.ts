import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { CHART, HELMS, INSTALLS, lint, rendered, template, tryTemplate } from './support/helm';
import { KubeObject, objectsOf, ofKind, workloadsOf } from './support/objects';
import { broken, RULES } from './support/rules';
import { schemaProblems } from './support/schema';
import { describeWithHelm, kustomize } from './support/tools';

const WITH_POLICIES = [9, 10];
const NAMESPACE_RULE = 11; // the chart makes no namespace; deploy/k8s/base/namespace.yaml does
const rulesOf = (install: string): number[] =>
  Object.keys(RULES)
    .map(Number)
    .filter((rule) => rule !== NAMESPACE_RULE && (install.includes('policies') || !WITH_POLICIES.includes(rule)));

describeWithHelm('the chart', () => {
  describe.each(Object.entries(INSTALLS))('%s', (name, install) => {
    let objects: KubeObject[];
    beforeAll(() => {
      objects = rendered(install);
    });

    it.each(HELMS)('rule 14: passes lint --strict of %s', (helm) => {
      expect(lint(helm, install)).toMatchObject({ status: 0 });
    });

    it('rule 14: comes out the same of Helm 3 and Helm 4', () => {
      expect(template(install, 'helm3')).toBe(template(install, 'helm4'));
    });

    it('rule 16: comes out the same twice', () => {
      expect(template(install)).toBe(template(install));
    });

    it('is made of fields that Kubernetes knows', () => {
      expect(schemaProblems(objects)).toEqual([]);
    });

    it.each(rulesOf(name))('rule %i: holds', (rule) => {
      expect(broken(rule, objects)).toEqual([]);
    });

    it('rule 31: scrapes the components that run and no other', () => {
      const config = objects.find(({ metadata }) => metadata.name === 'chartly-prometheus-config')!;
      const { scrape_configs: jobs } = parse(config.data!['prometheus.yml']!) as {
        scrape_configs: { job_name: string }[];
      };
      expect(jobs.map(({ job_name }) => job_name).sort()).toEqual([...SERVICES].sort());
    });
  });

  it('makes with its default values what the raw manifests say', () => {
    const policies = {
      networkPolicies: { enabled: true },
      disruptionBudgets: { enabled: true },
      quota: { enabled: true },
    };
    const raw = objectsOf(kustomize('deploy/k8s/overlays/policies')).concat(objectsOf(kustomize('deploy/k8s/base')));
    expect(comparable(rendered({ values: policies }))).toEqual(comparable(raw));
  });

  it('rule 5: selects in an upgrade what it selected before', () => {
    const released = JSON.parse(readFileSync(join(ROOT, 'deploy', 'k8s', 'released-selectors.json'), 'utf8')) as object;
    const selectors = workloadsOf(rendered({ files: ['values-production.yaml'] }))
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ name, selector }) => [name, selector] as const);
    expect(Object.fromEntries(selectors)).toEqual(released);
  });

  it('rule 5: keeps two releases in one namespace apart', () => {
    const [one, other] = [rendered({}, 'one'), rendered({}, 'other')];
    const policies = { values: { networkPolicies: { enabled: true } } };
    expect(broken(5, [...one, ...other])).toEqual([]);
    expect(broken(9, rendered(policies, 'one'))).toEqual([]);
  });

  describe('rule 13: refuses values that it does not know', () => {
    it.each([
      ['a tenth component', { components: { sidecar: { replicas: 1 } } }, /sidecar/],
      ['an unknown value', { components: { gateway: { replica: 2 } } }, /replica/],
      ['no replicas', { components: { gateway: { replicas: 0 } } }, /replicas/],
      ['a text for a number', { components: { gateway: { replicas: 'two' } } }, /replicas/],
      ['the tag latest', { image: { tag: 'latest' } }, /tag/],
      ['a container without a limit', { components: { audit: { resources: { limits: { memory: null } } } } }, /memory/],
      [
        'a path that does not say how it matches',
        { ingress: { paths: [{ path: '/', component: 'gateway' }] } },
        /pathType/,
      ],
      [
        'a secret among the variables',
        { config: { CHARTLY_DATABASE_URL: 'postgres://a:b@c/d' } },
        /CHARTLY_DATABASE_URL/,
      ],
      ['Postgres as an option', { engines: { postgres: { required: false } } }, /required/],
    ])('%s', (_, values, names) => {
      for (const helm of HELMS) {
        const { status, stderr } = tryTemplate(helm, { values });
        expect(status).not.toBe(0);
        expect(stderr).toMatch(names);
      }
    });
  });

  describe('stops with a sentence', () => {
    const events = { engines: { events: { required: true } } };
    it.each([
      [
        'rule 19: for infrastructure of another major version',
        { infrastructure: { contractVersion: '2.0.0' } },
        /speaks contract 2\.0\.0 and this chart speaks 1\.x\. Install/,
      ],
      [
        'for two processes on one DuckDB file',
        { components: { storage: { replicas: 2 } } },
        /one process opens its file/,
      ],
      [
        'for fewest pods over most pods',
        { components: { gateway: { autoscaling: { enabled: true, min: 5, max: 2 } } } },
        /min \(5\) is over max \(2\)/,
      ],
      [
        'for scaling by a queue that is not there',
        { components: { auth: { autoscaling: { enabled: true, queue: { source: 'keda' } } } } },
        /works off no queue/,
      ],
      [
        'for a path to a component without a public port',
        { ingress: { enabled: true, paths: [{ path: '/', pathType: 'Prefix', component: 'audit' }] } },
        /has no public port/,
      ],
      [
        'for a path that stands there twice',
        {
          ingress: {
            enabled: true,
            paths: [
              { path: '/', pathType: 'Prefix', component: 'gateway' },
              { path: '/', pathType: 'Exact', component: 'gateway' },
            ],
          },
        },
        /stands there twice/,
      ],
      [
        'for a database with too few connections',
        { engines: { postgres: { maxConnections: 100 } } },
        /100 connections are too few for up to \d+ processes; they need \d+/,
      ],
    ])('%s', (_, values, sentence) => {
      for (const helm of HELMS) expect(tryTemplate(helm, { values }).stderr).toMatch(sentence);
    });

    it('but not for two storage pods on ClickHouse', () => {
      const objects = rendered({ values: { ...events, components: { storage: { replicas: 2 } } } });
      const storage = workloadsOf(objects).find(({ component }) => component === 'storage')!;
      expect(storage).toMatchObject({ replicas: 2 });
      expect(storage.object.spec?.strategy).toMatchObject({ type: 'RollingUpdate' });
      expect(ofKind(objects, 'PersistentVolumeClaim')).toEqual([]);
    });

    it('rule 19: but not for a newer minor version', () => {
      expect(tryTemplate('helm4', { values: { infrastructure: { contractVersion: '1.7.3' } } }).status).toBe(0);
    });
  });

  it('rule 16: rolls pods when their configuration changes and not otherwise', () => {
    const checksums = (values: object): string[] =>
      workloadsOf(rendered({ values })).flatMap(({ annotations }) => annotations['checksum/config'] ?? []);
    const before = checksums({});
    expect(checksums({ components: { gateway: { replicas: 3 } } })).toEqual(before);
    const after = checksums({ config: { CHARTLY_LOG_LEVEL: 'debug' } });
    const changed = after.filter((checksum, at) => checksum !== before[at]);
    expect(changed).toHaveLength(SERVICES.length);
  });

  it('rule 16: asks neither the cluster nor the clock nor chance', () => {
    const templates = readdirSync(join(CHART, 'templates'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(templates.join('\n')).not.toMatch(
      /\b(randAlphaNum|randAlpha|randNumeric|genPrivateKey|genSelfSignedCert|uuidv4|now|lookup)\b\s/,
    );
  });

  it('rule 17: makes no Secret, and takes each from where it is told', () => {
    const objects = rendered({ values: { engines: { postgres: { existingSecret: 'theirs', key: 'dsn' } } } });
    expect(ofKind(objects, 'Secret')).toEqual([]);
    const taken = workloadsOf(objects).flatMap(({ containers }) =>
      containers.flatMap(({ env = [] }) => env.filter(({ name }) => name === 'CHARTLY_DATABASE_URL')),
    );
    expect(taken).toHaveLength(SERVICES.length + 1);
    for (const { valueFrom } of taken) expect(valueFrom?.secretKeyRef).toMatchObject({ name: 'theirs', key: 'dsn' });
  });

  it('rule 18: puts the longest path first, whatever order they are given in', () => {
    const paths = ['/', '/v1', '/openapi.json'].map((path) => ({ path, pathType: 'Prefix', component: 'gateway' }));
    const objects = rendered({ values: { ingress: { enabled: true, paths } } });
    expect(ofKind(objects, 'Ingress')).toHaveLength(1);
    expect(broken(18, objects)).toEqual([]);
  });

  it('rule 20: writes large numbers as numbers', () => {
    const values = {
      config: { CHARTLY_BODY_MAX_BYTES: 10_000_000 },
      components: { gateway: { env: { CHARTLY_CONCURRENCY_MAX: 100_000 } } },
      migration: { deadlineSeconds: 86_400 },
    };
    const text = template({ values }, 'helm3');
    expect(text).toContain('CHARTLY_BODY_MAX_BYTES: "10000000"');
    expect(text).toMatch(/name: CHARTLY_CONCURRENCY_MAX\n\s+value: "100000"/);
    expect(text).not.toMatch(/\d[.\d]*e[+-]?\d{2}\b(?![0-9a-f])/);
  });

  it('rule 32: Prometheus and Grafana write to their data folders and nowhere else', () => {
    const monitors = workloadsOf(rendered({})).filter(({ component }) => ['prometheus', 'grafana'].includes(component));
    const writable = monitors.map(({ component, containers: [container], pod }) => [
      component,
      container!.securityContext!.readOnlyRootFilesystem,
      container!
        .volumeMounts!.filter(({ name }) => !pod.volumes!.find((volume) => volume.name === name)!.configMap)
        .map(({ mountPath }) => mountPath)
        .sort(),
    ]);
    expect(writable).toEqual([
      ['grafana', true, ['/tmp', '/var/lib/grafana']],
      ['prometheus', true, ['/prometheus', '/tmp']],
    ]);
  });

  it('lets a component reach a private address that it is told of, and no other component', () => {
    const way = { to: [{ ipBlock: { cidr: '10.20.0.7/32' } }], ports: [8_200] };
    const values = { networkPolicies: { enabled: true }, components: { auth: { egress: [way] } } };
    const opened = ofKind(rendered({ values }), 'NetworkPolicy').filter(({ spec }) =>
      JSON.stringify(spec).includes('10.20.0.7/32'),
    );
    expect(opened.map(({ metadata: { name } }) => name)).toEqual(['chartly-auth']);
    expect(opened[0]!.spec!.egress).toContainEqual({ to: way.to, ports: [{ protocol: 'TCP', port: 8_200 }] });
    for (const wrong of [{ gateway: { egress: [way] } }, { auth: { egress: [{ to: [], ports: [8_200] }] } }]) {
      expect(tryTemplate('helm4', { values: { components: wrong } }).stderr).toMatch(/egress/);
    }
  });

  it('leaves a component out altogether when it is told to', () => {
    const objects = rendered({
      values: { components: { observer: { enabled: false } }, networkPolicies: { enabled: true } },
    });
    expect(objects.filter(({ metadata }) => metadata.name.startsWith('chartly-observer'))).toEqual([]);
    expect(broken(9, objects)).toEqual([]);
  });

  it('keeps every ConfigMap small enough for kubectl apply', () => {
    const limit = 262_144; // kubectl keeps the whole object in one annotation of it
    for (const object of ofKind(rendered({}), 'ConfigMap')) expect(JSON.stringify(object).length).toBeLessThan(limit);
  });
});

const OWN = ['default-deny', 'test']; // the chart's namespace may hold others, and raw manifests have no `helm test`

/** Objects by kind and name without what tells a chart from a file: labels of Helm, hooks, the order of lists of names. */
function comparable(objects: readonly KubeObject[]): Record<string, unknown> {
  const kept = objects.filter(
    ({ kind, metadata }) => kind !== 'Namespace' && !OWN.some((name) => metadata.name === `chartly-${name}`),
  );
  return Object.fromEntries(
    kept.map((object) => {
      const name = object.metadata.name.replace(/^(chartly-migration)-.*/, '$1');
      return [`${object.kind} ${name}`, simplified(object, '')];
    }),
  );
}

const HELM_ONLY = /^(helm\.sh\/|app\.kubernetes\.io\/managed-by$|checksum\/)/;
const UNORDERED = ['env', 'ingress', 'egress', 'from', 'to', 'scrape_configs'];

function simplified(value: unknown, field: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => simplified(item, ''));
    return UNORDERED.includes(field) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value === 'string' && /\.ya?ml$/.test(field)) return simplified(parse(value), '');
  if (field === 'name' && typeof value === 'string') return value.replace(/^(chartly-migration)-.*/, '$1');
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !HELM_ONLY.test(key))
    .map(([key, item]) => [key, simplified(item, key)] as const)
    .filter(([key, item]) => !(key === 'annotations' && Object.keys(item as object).length === 0)) // an object by its key
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries);
}
