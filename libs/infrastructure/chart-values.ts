import { DeploymentContract, EngineSpec, SecretRef } from './contract';

const MIB = 2 ** 20;

interface EngineValues {
  readonly existingSecret: string;
  readonly key: string;
  readonly port: number;
  readonly cidrs: readonly string[];
  readonly required?: boolean;
}

/** The chart's values that follow from what Terraform made. Pure; the same contract gives the same values. */
export function chartValuesOf(contract: DeploymentContract): object {
  const { network, cluster, database, cache, objects, events, gateway } = contract;
  const inside = network.private_subnet_cidrs;
  const engine = (spec: EngineSpec | null, cidrs: readonly string[]): EngineValues | undefined =>
    spec?.secret_ref ? { ...refOf(spec.secret_ref), port: spec.port, cidrs, required: true } : undefined;
  const storageClass = cluster.storage_class;
  const kept = storageClass === null ? undefined : { persistence: { storageClass } };
  const engines = {
    postgres: {
      ...(database.app_secret_ref ? refOf(database.app_secret_ref) : {}),
      port: database.port,
      cidrs: inside,
      maxConnections: database.max_connections,
    },
    redis: engine(cache, inside),
    events: engine(events, inside),
    objects: engine(objects, []), // the provider's store is no part of the network
  };
  return pruned({
    infrastructure: { contractVersion: contract.contract_version, environment: contract.environment },
    config: configOf(contract),
    engines,
    secrets: secretsOf(contract),
    components: componentsOf(contract, kept),
    ingress: {
      enabled: true,
      host: gateway.host,
      className: gateway.ingress_class ?? '',
      annotations: gateway.annotations,
      tls: { existingSecret: gateway.tls.mode === 'secret' ? (gateway.tls.secret_name ?? '') : '' },
      paths: gateway.paths.map(({ path, path_type: pathType }) => ({ path, pathType, component: 'gateway' })),
    },
    networkPolicies: { publicFrom: gateway.allowed_cidrs.map((cidr) => ({ ipBlock: { cidr } })) },
    monitoring: kept ? { prometheus: kept, grafana: kept } : undefined,
  });
}

const refOf = ({ name, key }: SecretRef): { existingSecret: string; key: string } => ({ existingSecret: name, key });

function secretsOf({ database, objects }: DeploymentContract): object {
  const credentials = objects.secret_ref ? { existingSecret: objects.secret_ref.name } : undefined;
  return {
    migrationUrl: database.migration_secret_ref ? refOf(database.migration_secret_ref) : undefined,
    objectsAccessKey: credentials,
    objectsSecretKey: credentials,
  };
}

const configOf = ({ gateway, objects }: DeploymentContract): Record<string, string | number> => ({
  CHARTLY_PUBLIC_URL: `${gateway.tls.mode === 'none' ? 'http' : 'https'}://${gateway.host}`,
  CHARTLY_BODY_MAX_BYTES: gateway.max_body_mib * MIB,
  CHARTLY_BODY_INFLATED_MAX_BYTES: Math.max(32, 4 * gateway.max_body_mib) * MIB,
  ...(objects.region === null ? {} : { CHARTLY_OBJECTS_REGION: objects.region }),
  ...(gateway.trusted_proxy_cidrs.length > 0 ? { CHARTLY_TRUSTED_PROXIES: gateway.trusted_proxy_cidrs.join(',') } : {}),
});

function componentsOf({ cluster }: DeploymentContract, kept: object | undefined): Record<string, object> {
  const annotated = Object.entries(cluster.service_account_annotations).map(
    ([component, annotations]) => [component, { serviceAccount: { annotations } }] as const,
  );
  const components: Record<string, object> = Object.fromEntries(annotated);
  return kept ? { ...components, storage: { ...components.storage, ...kept } } : components;
}

/** Without what is undefined, which YAML would write as null and the schema refuse. */
const pruned = (value: object): object => JSON.parse(JSON.stringify(value)) as object; // an object stays one
