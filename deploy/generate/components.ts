import Ajv2020 from 'ajv/dist/2020';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ServiceName } from '#libs/contracts/contract';

export type EngineName = 'postgres' | 'redis' | 'events' | 'objects';
export type MonitorName = 'prometheus' | 'grafana';

/** A place that a container may write to; all else is read-only. */
export interface Writable {
  readonly name: string;
  readonly path: string;
  readonly size: string;
  readonly persistent?: boolean;
}

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu?: string; readonly memory: string };
}

/** Variables that are no secret. */
export type Environment = Readonly<Record<string, string | number | boolean>>;

export interface Component {
  readonly plane: 'edge' | 'control' | 'data';
  readonly summary: string;
  readonly public?: boolean;
  readonly replicas: number;
  readonly stateful?: { readonly mount: string; readonly unlessEngine: EngineName };
  readonly resources: Resources;
  readonly writable: readonly Writable[];
  readonly environment?: Environment;
  readonly scaling: {
    readonly min: number;
    readonly max: number;
    readonly cpu: number;
    readonly queue?: { readonly name: string; readonly perReplica: number };
  };
  readonly calls: {
    readonly services: readonly ServiceName[];
    readonly health?: readonly ServiceName[];
    readonly engines: readonly EngineName[];
    readonly outside?: boolean;
  };
}

export interface Monitor {
  readonly image: { readonly repository: string; readonly tag: string };
  readonly port: number;
  readonly probes: { readonly ready: string; readonly live: string };
  readonly resources: Resources;
  readonly writable: readonly Writable[];
  readonly retention?: string;
  readonly secret?: { readonly name: string; readonly key: string };
}

export interface Engine {
  readonly port: number;
  readonly address: string;
  readonly secret: string;
  readonly key: string;
  readonly required: boolean;
}

export interface SecretRef {
  readonly variable: string;
  readonly secret: string;
  readonly key: string;
  readonly only?: readonly string[];
  /** The role starts without it. */
  readonly optional?: boolean;
}

/** `deploy/components.yaml`. */
export interface Deployment {
  readonly platform: {
    readonly user: number;
    readonly ports: { readonly public: number; readonly internal: number };
    readonly dataDir: string;
    readonly preStopSeconds: number;
    readonly shutdownGrace: string;
    readonly terminationGraceSeconds: number;
    readonly environment?: Environment;
  };
  readonly engines: Readonly<Record<EngineName, Engine>>;
  readonly secrets: Readonly<Record<string, SecretRef>>;
  readonly components: Readonly<Record<ServiceName, Component>>;
  readonly monitoring: Readonly<Record<MonitorName, Monitor>>;
  readonly compose: { readonly images: Readonly<Record<EngineName, string>> };
}

/** The nine with their names, in the file's order. */
export const componentsOf = (deployment: Deployment): [ServiceName, Component][] =>
  Object.entries(deployment.components) as [ServiceName, Component][]; // the schema closes the names

/** Reads the source. Throws a TypeError with every path that does not fit `components.schema.json`. */
export function loadComponents(root: string): Deployment {
  return checked(root, parse(readFileSync(join(root, 'deploy', 'components.yaml'), 'utf8')));
}

/** The given object as a deployment, once the schema has let it through. Throws as {@link loadComponents} does. */
export function checked(root: string, given: unknown): Deployment {
  const schema: unknown = JSON.parse(readFileSync(join(root, 'deploy', 'components.schema.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile<Deployment>(schema as object); // our own file
  if (validate(given)) return given;
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : '';
    return `${instancePath || '/'} ${message}${extra}`;
  });
  throw new TypeError(`deploy/components.yaml:\n  ${problems.join('\n  ')}`);
}

/** The variable that carries a service's internal address. */
export const urlVariable = (service: ServiceName): string =>
  `CHARTLY_${service.toUpperCase().replaceAll('-', '_')}_URL`;
