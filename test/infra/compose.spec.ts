import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { composeSecrets } from '#apps/cli/infra/compose-secrets';
import { freshSecrets } from '#apps/cli/infra/secrets';
import { loadConfig } from '#libs/config/load';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { describeWithTools, run } from './support/tools';

interface Service {
  readonly profiles: readonly string[];
  readonly image: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const { services } = parse(text, { version: '1.1' }) as { services: Record<string, Service> };
const inProfile = (profile: string): string[] =>
  Object.entries(services).flatMap(([name, { profiles }]) => (profiles.includes(profile) ? [name] : []));

describe('docker-compose.yml', () => {
  it('has the profiles core, monitoring and scale', () => {
    expect(inProfile('core').sort()).toEqual(['postgres', 'objects', 'bucket', 'migrate', ...SERVICES].sort());
    expect(inProfile('scale').sort()).toEqual([...inProfile('core'), 'redis', 'events'].sort());
    expect(inProfile('monitoring').sort()).toEqual(['grafana', 'prometheus']);
  });

  it('gives Prometheus and Grafana what is made for them', () => {
    const mounts = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.flatMap((volume) => /^\.\/(deploy\/[^:]+):/.exec(volume)?.[1] ?? []),
    );
    expect(mounts.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    for (const part of ['deploy/compose/prometheus.yml', 'deploy/monitoring/rules', 'deploy/monitoring/dashboards'])
      expect(mounts).toContain(part);
    for (const part of ['datasources', 'providers']) expect(mounts).toContain(`deploy/compose/grafana/${part}`);
  });

  it('publishes on loopback alone', () => {
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it.each(SERVICES)('rules 1 to 3: %s runs as 10001, read-only, without capabilities', (service) => {
    expect(services[service]).toMatchObject({ read_only: true, cap_drop: ['ALL'], user: '10001:10001' });
  });

  it('rule 8: runs no image of the tag latest', () => {
    for (const { image } of Object.values(services)) expect(image).toMatch(/:(?!latest$)[^:]+$/);
  });

  it('rule 17: holds no secret', () => {
    expect(text).not.toMatch(/(password|secret|token)[^\n]*: *['"]?[A-Za-z0-9]{8,}/i);
  });

  it.each(SERVICES)('gives %s a configuration that it starts with', (service) => {
    const folder = join(mkdtempSync(join(tmpdir(), 'chartly-compose-')), 'compose');
    try {
      composeSecrets(freshSecrets(), folder);
      const lines = readFileSync(join(folder, `${service}.env`), 'utf8')
        .trim()
        .split('\n');
      const secret = Object.fromEntries(lines.map((line) => /^([A-Z_]+)=(.*)$/.exec(line)!.slice(1)));
      const given = Object.entries(services[service]!.environment!).map(
        ([name, value]) => [name, value.replace(/^\$\{\w+:-\}$/, '')] as const,
      );
      const config = loadConfig({ ...Object.fromEntries(given), ...secret });
      expect([[...config.roles], config.redisUrl]).toEqual([[service], undefined]);
    } finally {
      rmSync(join(folder, '..'), { recursive: true, force: true });
    }
  });
});

describeWithTools('docker-compose', ['docker-compose'], () => {
  it('takes the file, with every profile', () => {
    const scratch = mkdtempSync(join(tmpdir(), 'chartly-compose-'));
    try {
      composeSecrets(freshSecrets(), join(scratch, '.chartly', 'compose'));
      // the old docker-compose knows no name at the top; the new one wants it
      writeFileSync(join(scratch, 'docker-compose.yml'), text.replace(/^name: chartly$/m, "version: '3.9'"));
      for (const profile of ['core', 'monitoring', 'scale'])
        run('docker-compose', ['--profile', profile, 'config', '-q'], { cwd: scratch });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});
