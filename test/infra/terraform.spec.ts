import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chartValuesOf } from '#libs/infrastructure/chart-values';
import { ContractReader, ContractRefused } from '#libs/infrastructure/read-contract';
import { contractSchemas } from './support/contract';
import {
  failures,
  overlayProblems,
  providersIn,
  secretsGivenOut,
  unchecked,
  untestedRefusals,
  untyped,
} from './support/file-rules/terraform';
import { moduleFolders, sourceOf, terraform, TERRAFORM, TerraformCopy } from './support/terraform';
import { describeWithTools } from './support/tools';

const reader = new ContractReader(contractSchemas());
const FOLDERS = moduleFolders();
const CONTRACTS = FOLDERS.filter((folder) => folder.startsWith('modules/'));
const OVERLAYS = ['aws', 'gcp', 'azure'];
const PROVIDER_FREE = [
  ...CONTRACTS,
  'stack',
  ...OVERLAYS.map((cloud) => `overlays/${cloud}/adapter`),
  'overlays/local',
  'envs/local',
  ...['local', 'staging', 'production'].map((env) => `envs/${env}/wanted`),
];

describeWithTools('Terraform', ['terraform'], () => {
  let copy: TerraformCopy;
  beforeAll(() => {
    copy = new TerraformCopy();
  });
  afterAll(() => copy.remove());

  it('has a contract for each engine that the document names, and ClickHouse', () => {
    expect(CONTRACTS.map((folder) => basename(folder)).sort()).toEqual(
      ['clickhouse', 'eks', 'gateway', 'rds', 'redis', 's3', 'vpc'].sort(),
    );
  });

  it('is formatted, and every file of it can be read', () => {
    expect(terraform(TERRAFORM, 'fmt', '-check', '-recursive')).toMatchObject({ status: 0, stdout: '' });
  });

  it.each(PROVIDER_FREE)('rule 21: %s declares no provider', (folder) => {
    expect(providersIn(sourceOf(folder))).toEqual([]);
  });

  it.each(PROVIDER_FREE)('rule 21: %s is valid with no network', (folder) => {
    copy.run(folder, 'init', '-backend=false', '-no-color');
    copy.run(folder, 'validate', '-no-color');
  });

  it.each(FOLDERS)('rule 22: %s describes and types all that goes in and out', (folder) => {
    expect(untyped(sourceOf(folder))).toEqual([]);
  });

  it.each(CONTRACTS)('rule 22: %s asks for typed objects with defaults and refuses what is wrong', (folder) => {
    expect(unchecked(sourceOf(folder))).toEqual([]);
  });

  it.each([...CONTRACTS, 'stack', 'overlays/local', ...OVERLAYS.map((cloud) => `overlays/${cloud}/adapter`)])(
    'rules 23 to 26: %s passes its own tests',
    (folder) => {
      expect(failures(copy.root, folder)).toEqual([]);
    },
  );

  it.each(CONTRACTS)('rule 26: %s has a test for each of its validations', (folder) => {
    expect(untestedRefusals(copy.root, folder)).toEqual([]);
  });

  it('rule 26: a module of contract 2.x is rejected, whichever it is', () => {
    const tests = readFileSync(join(TERRAFORM, 'stack', 'tests', 'contract.tftest.hcl'), 'utf8');
    expect(tests.match(/override_module/g)).toHaveLength(CONTRACTS.length);
  });

  it('the stack takes of each contract exactly what its module takes', () => {
    const stack = sourceOf('stack').replaceAll(/\s+/g, ' ');
    for (const folder of CONTRACTS) {
      const [, spec] = /variable "spec" \{.*?type = (object\(\{.*?\n {2}\}\))/s.exec(sourceOf(folder))!;
      expect([folder, stack.includes(spec!.replaceAll(/\s+/g, ' '))]).toEqual([folder, true]);
    }
  });

  it('rule 24: outputs carry no value of a secret', () => {
    for (const folder of FOLDERS) expect([folder, secretsGivenOut(sourceOf(folder))]).toEqual([folder, []]);
  });

  it('rule 24: what no overlay has made cannot be deployed on, and each place is named', () => {
    const wanted = {
      environment: 'test',
      network: { name: 'chartly', cidr: '10.0.0.0/16' },
      cluster: { name: 'chartly' },
      database: { name: 'chartly' },
      objects: { name: 'chartly-objects' },
      gateway: { host: 'chartly.example.com' },
    };
    const problems = problemsOf(copy.outputs('stack', wanted));
    expect(problems).toEqual([
      '/database/app_secret_ref is null: no overlay has made the database',
      '/database/migration_secret_ref is null: no overlay has made the database',
      '/objects/secret_ref is null: no overlay has made it',
    ]);
  });

  it('rule 25: every overlay has a provider part that says that it is not validated offline, and a tested adapter', () => {
    for (const cloud of OVERLAYS) expect([cloud, overlayProblems(TERRAFORM, cloud)]).toEqual([cloud, []]);
  });

  it.each(OVERLAYS)('rule 25: what the provider part of %s hands out is what its adapter takes', (cloud) => {
    const [, made = ''] =
      /output "made" \{.*?value = \{\n(.*?)\n {2}\}/s.exec(sourceOf(`overlays/${cloud}/provider`)) ?? [];
    const [, taken = ''] = /type = object\(\{\n(.*?)\n {2}\}\)/s.exec(sourceOf(`overlays/${cloud}/adapter`)) ?? [];
    const keys = (body: string): string[] => [...body.matchAll(/^ {4}(\w+)\s+=/gm)].map(([, key]) => key!).sort();
    expect(keys(made).length).toBeGreaterThan(5);
    expect(keys(made)).toEqual(keys(taken));
  });

  it('the local environment goes from Terraform to values with nothing but built-in resources', () => {
    const contract = reader.read(copy.outputs('envs/local'));
    expect(chartValuesOf(contract)).toMatchObject({
      infrastructure: { contractVersion: contract.contract_version, environment: 'local' },
      engines: { postgres: { existingSecret: 'chartly-database', key: 'url' } },
      ingress: { host: 'chartly.localhost' },
    });
  });

  it.each(['staging', 'production'])('what %s wants fits, with what the AWS adapter makes of it', (env) => {
    const sample = readFileSync(join(TERRAFORM, 'overlays/aws/adapter/tests/adapter.tftest.hcl'), 'utf8');
    const [, made] = /^variables \{\n {2}aws = (\{.*?\n {2}\})/ms.exec(sample)!;
    const main = readFileSync(join(TERRAFORM, 'envs', env, 'main.tf'), 'utf8');
    const offline = main
      .replace(/^module "provider" \{.*?^\}\n/ms, '')
      .replace('module.provider.made', made!)
      .replaceAll('"../../', '"../');
    const folder = `chain-${env}`;
    copyEnv(copy, env, folder, offline);
    const contract = reader.read(copy.outputs(folder));
    expect(contract.environment).toBe(env);
    expect(contract.database.app_secret_ref).toMatchObject({ name: 'chartly-database', remote: 'prod/database' });
  });
});

function problemsOf(outputs: string): readonly string[] {
  try {
    reader.read(outputs);
  } catch (thrown) {
    if (thrown instanceof ContractRefused) return thrown.problems;
    throw thrown;
  }
  return [];
}

/** An environment's own wiring without its provider. */
function copyEnv(copy: TerraformCopy, env: string, folder: string, main: string): void {
  copy.makeFolder(join(folder, 'wanted'));
  copy.write(join(folder, 'main.tf'), main);
  copy.write(join(folder, 'outputs.tf'), readFileSync(join(TERRAFORM, 'envs', env, 'outputs.tf'), 'utf8'));
  copy.write(
    join(folder, 'wanted', 'outputs.tf'),
    readFileSync(join(TERRAFORM, 'envs', env, 'wanted', 'outputs.tf'), 'utf8'),
  );
}
