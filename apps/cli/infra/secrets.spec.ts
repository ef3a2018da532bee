import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '#libs/config/load';
import { SERVICES } from '#libs/contracts/contract';
import { composeSecrets } from './compose-secrets';
import { kubernetesSecrets, localSecrets } from './kubernetes-secrets';
import { freshSecrets } from './secrets';

const urls = Object.fromEntries(
  SERVICES.map((service) => [`CHARTLY_${service.toUpperCase().replaceAll('-', '_')}_URL`, `http://${service}:9090`]),
);

describe('chartly infra secrets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'chartly-secrets-')), 'compose');
  });
  afterEach(async () => {
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  it('makes other ones each time', () => {
    const [one, other] = [freshSecrets(), freshSecrets()];
    expect(one.auditKey).not.toBe(other.auditKey);
    expect(one.appPassword).not.toBe(other.appPassword);
    expect(new Set(Object.values(one.privateKeys)).size).toBe(SERVICES.length);
  });

  it.each(SERVICES)('gives %s variables that it starts with, in a file of its own', async (service) => {
    composeSecrets(freshSecrets(), folder);
    const lines = (await readFile(join(folder, `${service}.env`), 'utf8')).trim().split('\n');
    const variables = Object.fromEntries(lines.map((line) => /^([A-Z_]+)=(.*)$/.exec(line)!.slice(1)));
    expect([...loadConfig({ ...urls, ...variables, CHARTLY_ROLE: service }).roles]).toEqual([service]);
  });

  it('lets nobody else read the files', async () => {
    for (const file of composeSecrets(freshSecrets(), folder)) expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('does not write over secrets that a volume was made with', () => {
    composeSecrets(freshSecrets(), folder);
    expect(() => composeSecrets(freshSecrets(), folder)).toThrow(/has secrets already/);
  });

  it('names what is missing of the engines of a cluster', () => {
    expect(() => kubernetesSecrets(freshSecrets(), 'chartly', { CHARTLY_OBJECTS_URL: 's3://bucket' })).toThrow(
      'Set CHARTLY_DATABASE_URL, CHARTLY_DATABASE_MIGRATION_URL to',
    );
  });

  it('makes every Secret for Kubernetes, and passwords of a Postgres only with the overlay that brings one', () => {
    const names = (text: string): string[] =>
      parseAllDocuments(text).map((document) => (document.toJS() as { metadata: { name: string } }).metadata.name);
    const given = {
      CHARTLY_DATABASE_URL: 'postgres://a:b@db/c',
      CHARTLY_DATABASE_MIGRATION_URL: 'postgres://o:b@db/c',
      CHARTLY_OBJECTS_URL: 's3://bucket/prefix',
    };
    const common = [
      'chartly-database',
      'chartly-migration',
      'chartly-service-keys',
      'chartly-audit',
      'chartly-master-key',
      'chartly-objects',
      'chartly-grafana',
      'chartly-public-keys',
    ];
    expect(names(kubernetesSecrets(freshSecrets(), 'chartly', given)).sort()).toEqual([...common].sort());
    expect(names(localSecrets(freshSecrets(), 'chartly')).sort()).toEqual([...common, 'chartly-postgres'].sort());
  });
});
