import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/paths';
import { CHART, Install, notes, rendered } from './support/helm';
import { Workload, workloadsOf } from './support/objects';
import { describeWithHelm } from './support/tools';

const PRODUCTION: Install = { files: ['values-production.yaml', 'values-policies.yaml'] };

const podOf = (component: string): Workload =>
  workloadsOf(rendered({})).find((workload) => workload.component === component)!;

const secretsOf = ({ containers }: Workload): (string | undefined)[] =>
  containers.flatMap(({ env = [] }) => env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []));

describeWithHelm('the chart', () => {
  it('migrates before pods of a release start, as the owner of the database and with nothing else', () => {
    const migration = podOf('migration');
    expect(migration.object.metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    expect(migration.kind).toBe('Job');
    expect(migration.containers[0]!.args).toEqual(['dist/src/main.js', '--migrate-only']);
    expect(secretsOf(migration).sort()).toEqual(['chartly-database', 'chartly-migration']);
  });

  it("gives the owner's access to the migration alone", () => {
    const owners = workloadsOf(rendered({})).filter((workload) => secretsOf(workload).includes('chartly-migration'));
    expect(owners.map(({ component }) => component)).toEqual(['migration']);
  });

  it('brings a pod for `helm test` that asks the front door, with what the image holds', () => {
    const test = podOf('test');
    expect(test.object.metadata.annotations).toMatchObject({ 'helm.sh/hook': 'test' });
    const [script, url] = test.containers[0]!.args!;
    expect([existsSync(join(ROOT, script!)), url]).toEqual([true, 'http://chartly-gateway']);
  });

  it('tells whoever installed it what to type next', () => {
    const told = notes({});
    for (const command of [
      'kubectl -n chartly wait deployment -l app.kubernetes.io/instance=chartly',
      'helm test chartly -n chartly',
      'kubectl -n chartly exec deploy/chartly-auth -- cat /var/lib/chartly/setup-link',
      'kubectl -n chartly port-forward svc/chartly-gateway 8080:80',
      'kubectl -n chartly port-forward svc/chartly-grafana 3000:3000',
    ])
      expect(told).toContain(command);
    expect(told).toContain('Add `-f values-policies.yaml`.');
  });

  it('has notes for an upgrade to the version that it is', () => {
    const { version } = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as { version: string };
    const notes = readFileSync(join(CHART, 'UPGRADING.md'), 'utf8');
    expect(notes).toContain(`## ${version.split('.').slice(0, 2).join('.')}\n`);
    expect(notes).toContain('## Rolling back\n');
  });

  it('tells in production where it is found, and nothing of what is there already', () => {
    const told = notes(PRODUCTION);
    expect(told).toContain('https://chartly.example.com');
    expect(told).not.toMatch(/port-forward svc\/chartly-gateway|no network policies|DuckDB/);
  });
});
