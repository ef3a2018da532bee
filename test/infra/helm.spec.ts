import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { differences, lostNumbers, majorsTaken, unrepeatable, valuesLetThrough } from './support/file-rules/chart';
import { CHART, HELMS, INSTALLS, rendered, template, tryTemplate } from './support/helm';
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

    it('rule 14: passes lint --strict of Helm 3 and Helm 4, and comes out the same of both', () => {
      expect(differences(install)).toEqual([]);
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

  it('rule 13: refuses values that it does not know', () => {
    expect(valuesLetThrough(CHART)).toEqual([]);
  });

  it('rule 19: refuses infrastructure of another major version, and takes a newer minor one', () => {
    expect(majorsTaken(CHART)).toEqual([]);
  });

  describe('stops with a sentence', () => {
    const events = { engines: { events: { required: true } } };
    it.each([
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
    expect(unrepeatable(CHART)).toEqual([]);
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
    expect(lostNumbers(CHART)).toEqual([]);
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

  it('lets nobody out for a drill, but for what each is told of', () => {
    const way = { to: [{ ipBlock: { cidr: '10.20.0.7/32' } }], ports: [8_200] };
    const policies = (outside: boolean): string[] =>
      ofKind(
        rendered({ values: { networkPolicies: { enabled: true, outside }, components: { auth: { egress: [way] } } } }),
        'NetworkPolicy',
      ).flatMap(({ metadata: { name }, spec }) => (JSON.stringify(spec).includes('0.0.0.0/0') ? [name] : []));
    expect(policies(false)).toEqual([]);
    expect(policies(true).sort()).toEqual(
      ['audit', 'auth', 'connector-hub', 'observer'].map((component) => `chartly-${component}`),
    );
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
