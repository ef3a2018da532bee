/** The contract that this release speaks: `deployment_contract.contract_version` has this major version. */
export const CONTRACT_MAJOR = 1;

/** Where a secret is; never its value. */
export interface SecretRef {
  readonly name: string;
  readonly key: string;
  readonly remote: string | null;
}

interface Versioned {
  readonly contract_version: string;
}

export interface NetworkSpec extends Versioned {
  readonly private_subnet_cidrs: readonly string[];
  readonly public_subnet_cidrs: readonly string[];
}

export interface ClusterSpec extends Versioned {
  readonly storage_class: string | null;
  readonly service_account_annotations: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface DatabaseSpec extends Versioned {
  readonly port: number;
  readonly max_connections: number;
  readonly endpoint: string | null;
  readonly app_secret_ref: SecretRef | null;
  readonly migration_secret_ref: SecretRef | null;
}

/** Redis, ClickHouse or an object store: an engine that pods reach by the address in a Secret. */
export interface EngineSpec extends Versioned {
  readonly port: number;
  readonly endpoint: string | null;
  readonly secret_ref: SecretRef | null;
}

/** The Secret holds credentials beside the address, under `access-key` and `secret-key`. */
export interface ObjectsSpec extends EngineSpec {
  readonly region: string | null;
}

export interface GatewaySpec extends Versioned {
  readonly host: string;
  readonly tls: { readonly mode: 'none' | 'secret' | 'edge'; readonly secret_name: string | null };
  readonly ingress_class: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly paths: readonly { readonly path: string; readonly path_type: 'Prefix' | 'Exact' }[];
  readonly allowed_cidrs: readonly string[];
  readonly trusted_proxy_cidrs: readonly string[];
  readonly max_body_mib: number;
}

/** `terraform output deployment_contract`, as far as the chart reads it; the whole is in `terraform/contracts`. */
export interface DeploymentContract extends Versioned {
  readonly environment: string;
  readonly network: NetworkSpec;
  readonly cluster: ClusterSpec;
  readonly database: DatabaseSpec;
  readonly cache: EngineSpec | null;
  readonly objects: ObjectsSpec;
  readonly events: EngineSpec | null;
  readonly gateway: GatewaySpec;
}
