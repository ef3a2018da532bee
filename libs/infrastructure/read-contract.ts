import Ajv2020, { ErrorObject, ValidateFunction } from 'ajv/dist/2020';
import { BadRequest } from '#libs/errors/errors';
import { CONTRACT_MAJOR, DeploymentContract } from './contract';

const DEPLOYMENT = 'https://chartly.io/schemas/terraform/deployment.schema.json';
const OUTPUT = 'deployment_contract';
const PROBLEMS_MAX = 20;

/** Terraform's outputs are no contract of ours; each problem names the path. */
export class ContractRefused extends BadRequest {
  constructor(
    code: string,
    sentence: string,
    readonly problems: readonly string[] = [],
  ) {
    super(code, sentence);
  }
}

/** Reads contracts that fit the given schemas. */
export class ContractReader {
  private readonly validate: ValidateFunction<DeploymentContract>;

  constructor(schemas: readonly object[]) {
    const ajv = new Ajv2020({ allErrors: true, schemas: [...schemas], allowUnionTypes: true });
    this.validate = ajv.compile<DeploymentContract>({ $ref: DEPLOYMENT });
  }

  /**
   * The contract in the text of `terraform output -json` (all outputs, or `deployment_contract` alone).
   * Throws ContractRefused for text that is no JSON, for another major version, and for whatever the schemas refuse.
   */
  read(text: string): DeploymentContract {
    const given: unknown = contractOf(parsed(text));
    const version = isMap(given) ? given.contract_version : undefined;
    const major = typeof version === 'string' ? /^\d+/.exec(version)?.[0] : undefined;
    if (major !== undefined && Number(major) !== CONTRACT_MAJOR) {
      throw new ContractRefused(
        'infra.contract_version',
        `The infrastructure speaks contract ${String(version)} and this release speaks ${CONTRACT_MAJOR}.x. Use the release that belongs to those Terraform modules, or apply the modules of this one.`,
      );
    }
    if (!this.validate(given)) throw refused((this.validate.errors ?? []).map(problemOf));
    const missing = placeholders(given);
    if (missing.length > 0) throw refused(missing);
    return given;
  }
}

const refused = (problems: readonly string[]): ContractRefused =>
  new ContractRefused(
    'infra.contract',
    `Terraform's ${OUTPUT} is not what this release expects. Mend what is named and apply again.`,
    [...new Set(problems)].slice(0, PROBLEMS_MAX),
  );

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ContractRefused('infra.no_json', 'This is no JSON. Give the output of `terraform output -json`.');
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `terraform output -json` wraps each output in `{ value, type, sensitive }`; `terraform output -json NAME` does not. */
function contractOf(outputs: unknown): Record<string, unknown> {
  if (isMap(outputs) && ('contract_version' in outputs || 'environment' in outputs)) return outputs;
  const output = isMap(outputs) ? outputs[OUTPUT] : undefined;
  if (isMap(output) && output.sensitive === true) {
    throw new ContractRefused(
      'infra.sensitive',
      `The output ${OUTPUT} is marked sensitive; it carries references alone. Take the mark away.`,
    );
  }
  if (isMap(output) && isMap(output.value)) return output.value;
  throw new ContractRefused('infra.no_contract', `There is no output ${OUTPUT} in it.`);
}

function problemOf({ instancePath, message, params }: ErrorObject): string {
  const extra: unknown = params.additionalProperty ?? params.propertyName;
  const allowed: unknown = params.allowedValues;
  const more = [
    ...(typeof extra === 'string' ? [` (${extra})`] : []),
    ...(Array.isArray(allowed) ? [`: ${allowed.join(', ')}`] : []),
  ].join('');
  return `${instancePath || '/'} ${message}${more}`;
}

/** What a contract module gives until an overlay implements it cannot be deployed on. */
function placeholders({ database, cache, objects, events }: DeploymentContract): string[] {
  const engines = { cache, objects, events };
  return [
    ...(database.app_secret_ref ? [] : ['/database/app_secret_ref is null: no overlay has made the database']),
    ...(database.migration_secret_ref
      ? []
      : ['/database/migration_secret_ref is null: no overlay has made the database']),
    ...Object.entries(engines).flatMap(([name, spec]) =>
      spec && !spec.secret_ref ? [`/${name}/secret_ref is null: no overlay has made it`] : [],
    ),
  ];
}
