import { validateSync } from 'class-validator';
import { CALLS } from '#libs/contracts/calls';
import { SERVICES, ServiceName } from '#libs/contracts/contract';
import { ChartlyConfig } from './config';
import { EnvVariable, variablesOf } from './env';
import { keyProblems } from './keys';
import { nearest } from '#libs/documents/nearest';
import { ALLOWED, readText } from './read-text';

const PREFIX = 'CHARTLY_';
/** Variables of the command line, of tests and of secrets, which a server may find in its environment. */
const OTHERS = /^CHARTLY_(KEY|URL|PROJECT|TEST_.*|FAULT_.*|SECRET_.*)$/;

/** Services that keep objects, which their replicas share. */
const KEEPS_OBJECTS: readonly ServiceName[] = ['connector-hub', 'storage'];

/** A configuration that cannot be: every wrong variable, each in a line of its own. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads and checks the configuration. Throws {@link ConfigError} that names all that is wrong at once. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): ChartlyConfig {
  const config = new ChartlyConfig();
  const variables = variablesOf(ChartlyConfig.prototype);
  const problems = [...unknownVariables(env, variables), ...assign(config, env, variables)];
  if (problems.length === 0) problems.push(...ruleProblems(config, env, variables));
  if (problems.length === 0) problems.push(...keyProblems(config), ...objectProblems(config), ...roleProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
  config.keepSecretVariables(env);
  return config;
}

function unknownVariables(env: Readonly<Record<string, unknown>>, variables: readonly EnvVariable[]): string[] {
  const names = variables.map(({ name }) => name);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !OTHERS.test(name) && !names.includes(name))
    .map((name) => {
      const meant = nearest(name, names);
      return `${name}: there is no such variable.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
    });
}

function assign(
  config: ChartlyConfig,
  env: Readonly<Record<string, string | undefined>>,
  variables: readonly EnvVariable[],
): string[] {
  return variables.flatMap((variable) => {
    const text = textOf(variable, env);
    if (text === undefined) return [];
    const value = readText(variable.kind, text);
    if (value === undefined) return [`${variable.name}: ${shown(variable, text)} is not ${ALLOWED[variable.kind]}.`];
    Object.assign(config, { [variable.property]: value });
    return [];
  });
}

/** An empty variable counts as unset: that is how templates leave one out. */
function textOf(
  { name, fallback }: EnvVariable,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const given = env[name];
  return given === undefined || given === '' ? fallback : given;
}

function ruleProblems(
  config: ChartlyConfig,
  env: Readonly<Record<string, string | undefined>>,
  variables: readonly EnvVariable[],
): string[] {
  return validateSync(config, { forbidUnknownValues: true, validationError: { target: false } }).flatMap((error) => {
    const variable = variables.find(({ property }) => property === error.property);
    if (!variable) return [];
    const rules = Object.values(error.constraints ?? {}).map((rule) => rule.replace(`${error.property} `, ''));
    return rules.map((rule) => `${variable.name}: ${shown(variable, textOf(variable, env) ?? '')} ${rule}.`);
  });
}

function objectProblems({ objectsUrl, objectsAccessKey, objectsSecretKey }: ChartlyConfig): string[] {
  if (objectsUrl === undefined || objectsUrl.startsWith('file:')) return [];
  return [
    ...(objectsAccessKey === undefined ? ['CHARTLY_OBJECTS_ACCESS_KEY'] : []),
    ...(objectsSecretKey === undefined ? ['CHARTLY_OBJECTS_SECRET_KEY'] : []),
  ].map(
    (name) => `${name}: the object store of CHARTLY_OBJECTS_URL speaks S3 and wants credentials, so it must be set.`,
  );
}

/** What one variable demands of another. */
function roleProblems(config: ChartlyConfig): string[] {
  if (config.hostsAll) return [];
  const roles = [...config.roles].join(', ');
  const problems: string[] = [];
  if (config.databaseUrl === undefined) {
    problems.push(
      `CHARTLY_DATABASE_URL: the role "${roles}" shares a Postgres with the others, so it must be set. Only the role "all" brings its own.`,
    );
  }
  if (config.servicePrivateKey === undefined) {
    problems.push(`CHARTLY_SERVICE_PRIVATE_KEY: the role "${roles}" signs its calls, so it needs a key.`);
  }
  if (config.servicePublicKeys === undefined) {
    problems.push(
      `CHARTLY_SERVICE_PUBLIC_KEYS: the role "${roles}" checks who calls it, so it needs the others' keys.`,
    );
  }
  if (KEEPS_OBJECTS.some((role) => config.roles.has(role)) && config.objectsUrl === undefined) {
    problems.push(
      `CHARTLY_OBJECTS_URL: the role "${roles}" shares its objects with the others, so it must be set. Only the role "all" brings its own.`,
    );
  }
  const called = new Set([...config.roles].flatMap((role) => CALLS[role]));
  for (const service of SERVICES) {
    if (!called.has(service) || config.roles.has(service) || config.urlOf(service) !== undefined) continue;
    const name = `${PREFIX}${service.toUpperCase().replaceAll('-', '_')}_URL`;
    problems.push(`${name}: the role "${roles}" calls ${service}, so its internal address must be set.`);
  }
  return problems;
}

const shown = ({ secret }: EnvVariable, text: string): string => (secret ? 'the given value' : `"${text}"`);
