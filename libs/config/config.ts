import {
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import { inspect } from 'node:util';
import { SERVICES, ServiceName } from '#libs/contracts/contract';
import { Env, variablesOf } from './env';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const MIB = 2 ** 20;
const PORT_MAX = 65_535;

const IsHttpUrl = (): PropertyDecorator =>
  IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false });
const IsRate = (): PropertyDecorator =>
  Matches(/^(?:[1-9]\d{0,8}\/[smh]|off)$/, { message: 'must be a rate like 100/s, 6000/m or 10000/h, or off' });
const IsPostgresUrl = (): PropertyDecorator =>
  IsUrl({ protocols: ['postgres', 'postgresql'], require_protocol: true, require_tld: false });

/** Somebody who cosigns the audit log. */
export interface WitnessPlace {
  readonly url: string;
  /** `name+hash+base64`. */
  readonly key: string;
}

/** Everything that a process takes from its environment. Durations are milliseconds, sizes bytes. */
export class ChartlyConfig {
  @Env('CHARTLY_ROLE', {
    kind: 'list',
    fallback: 'all',
    doc: 'Which services this process hosts: `all`, one name, or several with commas between.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @IsIn([...SERVICES, 'all'], { each: true })
  role: (ServiceName | 'all')[];

  @Env('CHARTLY_HOST', { fallback: '127.0.0.1', doc: 'Address that the public API listens on.' })
  @IsString()
  @MaxLength(255)
  host: string;

  @Env('CHARTLY_PORT', { kind: 'integer', fallback: '8080', doc: 'Port of the public API (gateway).' })
  @IsInt()
  @Min(0)
  @Max(PORT_MAX)
  port: number;

  @Env('CHARTLY_PUBLIC_URL', {
    doc: 'Address under which people reach the public API, when it is not the one it listens on.',
  })
  @IsOptional()
  @IsHttpUrl()
  givenPublicUrl?: string;

  @Env('CHARTLY_INTERNAL_HOST', {
    fallback: '127.0.0.1',
    doc: 'Address that `/internal`, `/metrics`, `/health` and `/ready` listen on.',
  })
  @IsString()
  @MaxLength(255)
  internalHost: string;

  @Env('CHARTLY_INTERNAL_PORT', { kind: 'integer', fallback: '9090', doc: 'Port of the internal listener.' })
  @IsInt()
  @Min(0)
  @Max(PORT_MAX)
  internalPort: number;

  @Env('CHARTLY_DATA_DIR', {
    kind: 'folder',
    fallback: '.chartly',
    doc: 'Folder of everything that embedded engines keep. The only one that is written to.',
  })
  @IsString()
  dataDir: string;

  @Env('CHARTLY_DATABASE_URL', {
    secret: true,
    doc: 'Postgres (15 or newer) for control-plane records and the inbox. Unset: an embedded one in the data folder, for the role `all` only.',
  })
  @IsOptional()
  @IsPostgresUrl()
  databaseUrl?: string;

  @Env('CHARTLY_DATABASE_MIGRATION_URL', {
    secret: true,
    doc: 'The same database as its owner role, for migrations. Unset: `CHARTLY_DATABASE_URL`.',
  })
  @IsOptional()
  @IsPostgresUrl()
  databaseMigrationUrl?: string;

  @Env('CHARTLY_DATABASE_POOL', {
    kind: 'integer',
    fallback: '10',
    doc: 'Connections to Postgres that a process holds at most, beside those of its queues.',
  })
  @IsInt()
  @Min(4)
  @Max(200)
  databasePool: number;

  @Env('CHARTLY_MIGRATE_ON_START', {
    kind: 'flag',
    doc: 'Whether the process applies migrations before it serves. Unset: yes for the role `all`, no otherwise.',
  })
  @IsOptional()
  @IsBoolean()
  givenMigrateOnStart?: boolean;

  @Env('CHARTLY_REDIS_URL', {
    secret: true,
    doc: 'Redis for jobs (`maxmemory-policy noeviction`). Unset: jobs run on Postgres.',
  })
  @IsOptional()
  @IsUrl({ protocols: ['redis', 'rediss'], require_protocol: true, require_tld: false, require_host: true })
  redisUrl?: string;

  @Env('CHARTLY_EVENTS_URL', {
    secret: true,
    doc: 'ClickHouse for events and rollups, like `https://user:password@host:8443/database`. Unset: DuckDB in the data folder.',
  })
  @IsOptional()
  @IsHttpUrl()
  eventsUrl?: string;

  @Env('CHARTLY_EVENTS_QUERY_URL', {
    secret: true,
    doc: 'The same ClickHouse database as a user that may only read, for the SQL statements of users. Unset: `CHARTLY_EVENTS_URL`.',
  })
  @IsOptional()
  @IsHttpUrl()
  eventsQueryUrl?: string;

  @Env('CHARTLY_EVENTS_CLUSTER', {
    doc: 'ClickHouse cluster of one shard whose replicas hold every table, as `ON CLUSTER` names it. Unset: a single node.',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_.-]{1,100}$/, { message: 'must be the name of a cluster' })
  eventsCluster?: string;

  @Env('CHARTLY_EVENTS_MEMORY_LIMIT', {
    kind: 'bytes',
    fallback: '512MiB',
    doc: 'Memory that the embedded event engine (DuckDB) may take, outside the JavaScript heap.',
  })
  @IsInt()
  @Min(64 * MIB)
  eventsMemoryLimit: number;

  @Env('CHARTLY_SQL_MEMORY_LIMIT', {
    kind: 'bytes',
    fallback: '512MiB',
    doc: 'Memory that one SQL statement of a user may take: on DuckDB beside the limit above, on ClickHouse in the server. A statement that needs more is stopped.',
  })
  @IsInt()
  @Min(64 * MIB)
  sqlMemoryLimit: number;

  @Env('CHARTLY_EVENTS_DISK_RESERVE', {
    kind: 'bytes',
    fallback: '128MiB',
    doc: 'Free space on the disk of the embedded event engine that appends leave: below it they are refused as retryable, the inbox holds the data, and reads go on.',
  })
  @IsInt()
  @Min(0)
  eventsDiskReserve: number;

  @Env('CHARTLY_OBJECTS_URL', {
    doc: 'Object store for raw segments, exports and archives: `s3://bucket/prefix` on AWS, `https://host/bucket/prefix` on any server that speaks S3, `file:///folder` on a file system that all processes share. Unset: a folder in the data folder.',
  })
  @IsOptional()
  @Matches(
    /^(?:s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|https?:\/\/[^/?#@]+\/[^/?#]+|file:\/\/\/[^?#]+)(?:\/[^?#]*)?$/,
    {
      message: 'must be like s3://bucket/prefix, https://host/bucket/prefix or file:///folder, without credentials',
    },
  )
  objectsUrl?: string;

  @Env('CHARTLY_OBJECTS_REGION', { fallback: 'us-east-1', doc: 'Region of the bucket, as its server signs it.' })
  @Matches(/^[a-z0-9-]{1,40}$/, { message: 'must be a region like eu-central-1' })
  objectsRegion: string;

  @Env('CHARTLY_OBJECTS_ACCESS_KEY', { secret: true, doc: 'Access key of an object store that speaks S3.' })
  @IsOptional()
  @IsString()
  objectsAccessKey?: string;

  @Env('CHARTLY_OBJECTS_SECRET_KEY', { secret: true, doc: 'The secret to the access key.' })
  @IsOptional()
  @IsString()
  objectsSecretKey?: string;

  @Env('CHARTLY_ORCHESTRATOR_URL', { doc: 'Internal address of the orchestrator, when this process does not host it.' })
  @IsOptional()
  @IsHttpUrl()
  orchestratorUrl?: string;

  @Env('CHARTLY_CONNECTOR_HUB_URL', { doc: 'Internal address of connector-hub.' })
  @IsOptional()
  @IsHttpUrl()
  connectorHubUrl?: string;

  @Env('CHARTLY_NORMALIZER_URL', { doc: 'Internal address of the normalizer.' })
  @IsOptional()
  @IsHttpUrl()
  normalizerUrl?: string;

  @Env('CHARTLY_STORAGE_URL', { doc: 'Internal address of storage.' })
  @IsOptional()
  @IsHttpUrl()
  storageUrl?: string;

  @Env('CHARTLY_ANALYTICS_URL', { doc: 'Internal address of analytics.' })
  @IsOptional()
  @IsHttpUrl()
  analyticsUrl?: string;

  @Env('CHARTLY_AUDIT_URL', { doc: 'Internal address of audit.' })
  @IsOptional()
  @IsHttpUrl()
  auditUrl?: string;

  @Env('CHARTLY_AUTH_URL', { doc: 'Internal address of auth.' })
  @IsOptional()
  @IsHttpUrl()
  authUrl?: string;

  @Env('CHARTLY_OBSERVER_URL', { doc: 'Internal address of the observer.' })
  @IsOptional()
  @IsHttpUrl()
  observerUrl?: string;

  @Env('CHARTLY_GATEWAY_URL', { doc: 'Internal address of the gateway, for the health view.' })
  @IsOptional()
  @IsHttpUrl()
  gatewayUrl?: string;

  @Env('CHARTLY_SERVICE_PRIVATE_KEY', {
    secret: true,
    doc: 'Ed25519 key that this process signs its service tokens with: PKCS#8, as PEM or base64 DER.',
  })
  @IsOptional()
  @IsString()
  servicePrivateKey?: string;

  @Env('CHARTLY_SERVICE_PUBLIC_KEYS', {
    kind: 'json',
    doc: 'Ed25519 keys that service tokens are checked against: role to a list of SPKI keys, as base64 DER. Two keys for a role while one replaces the other.',
  })
  @IsOptional()
  @IsObject()
  servicePublicKeys?: Readonly<Record<string, readonly string[]>>;

  @Env('CHARTLY_EGRESS_ALLOW', {
    kind: 'list',
    fallback: '',
    doc: 'What connectors and logins at identity providers may reach beside the public internet: address ranges or `host:port`, with commas between.',
  })
  @IsArray()
  @IsString({ each: true })
  egressAllow: string[];

  @Env('CHARTLY_FILE_FOLDERS', {
    kind: 'list',
    fallback: '',
    doc: 'Folders, absolute, with commas between, whose files pipelines of any project may read (`source.file`). Unset: none.',
  })
  @IsArray()
  @Matches(/^\//, { each: true, message: 'must be absolute paths' })
  fileFolders: string[];

  @Env('CHARTLY_NORMALIZER_THREADS', {
    kind: 'integer',
    doc: 'Threads on which records pass the steps of their pipelines. Unset: one less than the cores, 1 to 4.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  normalizerThreads?: number;

  @Env('CHARTLY_EGRESS_TIMEOUT', {
    kind: 'duration',
    fallback: '30s',
    doc: 'How long one answer of a source may take in all, redirects included. A pull holds its lease for 60 s.',
  })
  @IsInt()
  @Min(100)
  @Max(50_000)
  egressTimeoutMs: number;

  @Env('CHARTLY_EGRESS_MAX_BYTES', { kind: 'bytes', fallback: '10MiB', doc: 'Largest answer of a source on the wire.' })
  @IsInt()
  @Min(1_024)
  @Max(64 * MIB)
  egressMaxBytes: number;

  @Env('CHARTLY_EGRESS_INFLATED_MAX_BYTES', {
    kind: 'bytes',
    fallback: '50MiB',
    doc: 'Largest answer of a source after its gzip, br or zstd coding was undone; past 1 MiB it is 100 to 1 at most.',
  })
  @IsInt()
  @Min(1_024)
  @Max(64 * MIB)
  egressInflatedMaxBytes: number;

  @Env('CHARTLY_INBOX_MAX_BYTES', {
    kind: 'bytes',
    fallback: '512MiB',
    doc: 'Accepted and not yet settled bytes at which pushes get 429 and pulls wait.',
  })
  @IsInt()
  @Min(MIB)
  inboxMaxBytes: number;

  @Env('CHARTLY_INBOX_PROJECT_MAX_BYTES', {
    kind: 'bytes',
    fallback: '384MiB',
    doc: 'The same for one project, so that it leaves room for the others.',
  })
  @IsInt()
  @Min(MIB)
  inboxProjectMaxBytes: number;

  @Env('CHARTLY_INBOX_MAX_AGE', {
    kind: 'duration',
    fallback: '1h',
    doc: 'Age of the oldest unsettled batch of a pipeline at which its pushes get 429 and its pulls wait.',
  })
  @IsInt()
  @Min(1_000)
  inboxMaxAgeMs: number;

  @Env('CHARTLY_INBOX_PROJECT_MAX_AGE', {
    kind: 'duration',
    fallback: '6h',
    doc: 'The same for a project: then none of its pipelines takes more.',
  })
  @IsInt()
  @Min(1_000)
  inboxProjectMaxAgeMs: number;

  @Env('CHARTLY_BODY_MAX_BYTES', { kind: 'bytes', fallback: '10MiB', doc: 'Largest request body of the public API.' })
  @IsInt()
  @Min(1_024)
  @Max(64 * MIB)
  bodyMaxBytes: number;

  @Env('CHARTLY_BODY_INFLATED_MAX_BYTES', {
    kind: 'bytes',
    fallback: '32MiB',
    doc: 'Largest request body of the public API after its gzip, br or zstd coding was undone.',
  })
  @IsInt()
  @Min(1_024)
  @Max(256 * MIB)
  bodyInflatedMaxBytes: number;

  @Env('CHARTLY_CORS_ORIGINS', {
    kind: 'list',
    fallback: '',
    doc: 'Origins whose pages may call the public API, like `https://app.example.com`, with commas between; `*` for any. Unset: none but our own.',
  })
  @IsArray()
  @Matches(/^(?:\*|https?:\/\/[a-z0-9.-]+(?::\d{1,5})?)$/, {
    each: true,
    message: 'must be origins like https://app.example.com, or *',
  })
  corsOrigins: string[];

  @Env('CHARTLY_LIMIT_ADDRESS', {
    fallback: '5000/s',
    doc: 'Requests that one address may make to the public API: a number and `/s`, `/m` or `/h`, or `off`. As many may come at once.',
  })
  @IsRate()
  limitAddress: string;

  @Env('CHARTLY_LIMIT_KEY', { fallback: '5000/s', doc: 'Requests that one API key may make.' })
  @IsRate()
  limitKey: string;

  @Env('CHARTLY_LIMIT_USER', { fallback: '1000/s', doc: 'Requests that one person may make.' })
  @IsRate()
  limitUser: string;

  @Env('CHARTLY_LIMIT_PROJECT', { fallback: '10000/s', doc: 'Requests that all together may make to one project.' })
  @IsRate()
  limitProject: string;

  @Env('CHARTLY_CONCURRENCY_MAX', {
    kind: 'integer',
    fallback: '512',
    doc: 'Requests that the gateway answers at once. Ingest may fill 60% of them, questions 80%, so that whoever operates it gets through.',
  })
  @IsInt()
  @Min(1)
  @Max(100_000)
  concurrencyMax: number;

  @Env('CHARTLY_TRUSTED_PROXIES', {
    kind: 'list',
    fallback: '',
    doc: 'Addresses or ranges of the proxies in front, whose `X-Forwarded-For` says where a request comes from. Unset: nobody is believed.',
  })
  @IsArray()
  @Matches(/^[0-9a-f.:]+(?:\/\d{1,3})?$/i, { each: true, message: 'must be addresses or ranges like 10.0.0.0/8' })
  trustedProxies: string[];

  @Env('CHARTLY_REQUEST_TIMEOUT', {
    kind: 'duration',
    fallback: '60s',
    doc: 'Time that a public request may take in all.',
  })
  @IsInt()
  @Min(100)
  requestTimeoutMs: number;

  @Env('CHARTLY_AUTH_STALE_MAX', {
    kind: 'duration',
    fallback: '15m',
    doc: 'How long ingest goes on with the last known decision on a key while auth is away.',
  })
  @IsInt()
  @Min(0)
  authStaleMaxMs: number;

  @Env('CHARTLY_LOCAL_ACCESS', {
    kind: 'flag',
    doc: 'Whether who can read the token file in the data folder is let in as its operator. Unset: yes for the role `all` without `CHARTLY_DATABASE_URL`, no otherwise.',
  })
  @IsOptional()
  @IsBoolean()
  givenLocalAccess?: boolean;

  @Env('CHARTLY_MASTER_KEY', {
    secret: true,
    doc: 'Keys that auth wraps the data keys of secrets with: 32 bytes in base64 (`openssl rand -base64 32`). Several with commas between while one replaces another: the first wraps, all unwrap. Unset: one made once in the data folder where local access is on.',
  })
  @IsOptional()
  @IsString()
  masterKey?: string;

  @Env('CHARTLY_MASTER_KEY_FILE', { doc: 'A file that holds them instead, read anew at every use.' })
  @IsOptional()
  @IsString()
  masterKeyFile?: string;

  @Env('CHARTLY_MASTER_KEY_COMMAND', {
    doc: 'A command that wraps and unwraps instead, so that the master key stays in a KMS; `docs/access.md` says how it is called.',
  })
  @IsOptional()
  @IsString()
  masterKeyCommand?: string;

  @Env('CHARTLY_SECRETS_DIR', {
    doc: 'Folder of secrets of the provider `file`, each as `<project>/<name>`: a Kubernetes mount.',
  })
  @IsOptional()
  @IsString()
  secretsDir?: string;

  @Env('CHARTLY_VAULT_URL', { doc: 'Vault or OpenBao for secrets of the provider `vault`.' })
  @IsOptional()
  @IsHttpUrl()
  vaultUrl?: string;

  @Env('CHARTLY_VAULT_TOKEN', { secret: true, doc: 'Token for it.' })
  @IsOptional()
  @IsString()
  vaultToken?: string;

  @Env('CHARTLY_VAULT_TOKEN_FILE', { doc: "A file that holds the token instead, as Vault's agent renews it." })
  @IsOptional()
  @IsString()
  vaultTokenFile?: string;

  @Env('CHARTLY_VAULT_MOUNT', { fallback: 'secret', doc: 'Mount of its key-value engine, version 2.' })
  @Matches(/^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/, { message: 'must be a mount like secret or team/kv' })
  vaultMount: string;

  @Env('CHARTLY_AUDIT_ORIGIN', {
    fallback: 'chartly.local/audit',
    doc: 'Name of the audit log in its signed checkpoints.',
  })
  @IsString()
  @MaxLength(200)
  auditOrigin: string;

  @Env('CHARTLY_AUDIT_KEY', {
    secret: true,
    doc: 'Ed25519 key that signs audit checkpoints: PKCS#8, as PEM or base64 DER. Unset: one made once in the data folder.',
  })
  @IsOptional()
  @IsString()
  auditKey?: string;

  @Env('CHARTLY_AUDIT_NEXT_KEY', {
    secret: true,
    doc: 'The key to which `chartly audit rotate-key` hands the log over; it takes the place of `CHARTLY_AUDIT_KEY` afterwards.',
  })
  @IsOptional()
  @IsString()
  auditNextKey?: string;

  @Env('CHARTLY_AUDIT_WITNESSES', {
    kind: 'list',
    doc: 'Witnesses that cosign the audit log, each as `URL#KEY` with its key as `name+hash+base64`.',
    fallback: '',
  })
  @IsArray()
  @Matches(/^https?:\/\/[^\s#]+#[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/, {
    each: true,
    message: 'must be like https://witness.example#name+0a1b2c3d+BASE64',
  })
  givenAuditWitnesses: string[];

  @Env('CHARTLY_AUDIT_RETAIN', {
    kind: 'duration',
    fallback: '0s',
    doc: 'How long audit entries are kept, a day at least; then their hashes alone are, and an entry says so. `0s` keeps them for good.',
  })
  @ValidateIf(({ auditRetainMs }: ChartlyConfig) => auditRetainMs !== 0)
  @IsInt()
  @Min(86_400_000, { message: 'must be 0s or at least 24h' })
  auditRetainMs: number;

  @Env('CHARTLY_AUDIT_SEALED', {
    fallback: 'mirror',
    doc: 'What becomes of entries that are no longer kept: `mirror` leaves them in the object store, `drop` deletes them there, too.',
  })
  @IsIn(['mirror', 'drop'])
  auditSealed: 'mirror' | 'drop';

  @Env('CHARTLY_AUDIT_FORWARD', {
    kind: 'list',
    doc: 'Where audit entries are sent on to: `https://...` (a webhook), `syslog+udp://`, `syslog+tcp://` or `syslog+tls://host:port`.',
    fallback: '',
  })
  @IsArray()
  @Matches(/^(?:https?|syslog\+(?:udp|tcp|tls)):\/\/[^\s,]+$/, {
    each: true,
    message: 'must be like https://siem.example/hook or syslog+tls://siem.example:6514',
  })
  auditForward: string[];

  @Env('CHARTLY_AUDIT_FORWARD_SECRET', {
    secret: true,
    doc: 'Signs what webhooks of the audit log get (Standard Webhooks): `whsec_` and base64.',
  })
  @IsOptional()
  @Matches(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, { message: 'must be whsec_ and at least 24 bytes in base64' })
  auditForwardSecret?: string;

  @Env('CHARTLY_LEDGER_INTERVAL', {
    kind: 'duration',
    fallback: '1m',
    doc: 'How often the observer checks that the books balance.',
  })
  @IsInt()
  @Min(1_000)
  ledgerIntervalMs: number;

  @Env('CHARTLY_CANARY_INTERVAL', {
    kind: 'duration',
    fallback: '1m',
    doc: 'How often the observer sends a record of its own through the data plane; `0s` for never.',
  })
  @IsInt()
  @Min(0)
  canaryIntervalMs: number;

  @Env('CHARTLY_SHUTDOWN_GRACE', {
    kind: 'duration',
    fallback: '25s',
    doc: 'Time that work in flight gets after SIGTERM.',
  })
  @IsInt()
  @Min(0)
  shutdownGraceMs: number;

  @Env('CHARTLY_LOG_LEVEL', { fallback: 'info', doc: 'Least important log line that is written.' })
  @IsIn(LOG_LEVELS)
  logLevel: (typeof LOG_LEVELS)[number];

  /** The values of `CHARTLY_SECRET_...`, which nothing prints. */
  #secretVariables: Readonly<Record<string, string | undefined>> = {};

  keepSecretVariables(env: Readonly<Record<string, string | undefined>>): void {
    this.#secretVariables = Object.fromEntries(Object.entries(env).filter(([name]) => /^CHARTLY_SECRET_/.test(name)));
  }

  /** A secret that the environment holds under `CHARTLY_SECRET_...`. */
  secretVariable(name: string): string | undefined {
    return Object.hasOwn(this.#secretVariables, name) ? this.#secretVariables[name] : undefined;
  }

  /** The services this process hosts. */
  get roles(): ReadonlySet<ServiceName> {
    return new Set(
      this.role.includes('all') ? SERVICES : this.role.filter((role): role is ServiceName => role !== 'all'),
    );
  }

  /** True when this one process is the whole system. */
  get hostsAll(): boolean {
    return this.roles.size === SERVICES.length;
  }

  /** True when Postgres is ours to start and stop. */
  get embedsPostgres(): boolean {
    return this.hostsAll && this.databaseUrl === undefined;
  }

  get localAccess(): boolean {
    return this.givenLocalAccess ?? this.embedsPostgres;
  }

  get migrateOnStart(): boolean {
    return this.givenMigrateOnStart ?? this.hostsAll;
  }

  get auditWitnesses(): readonly WitnessPlace[] {
    return this.givenAuditWitnesses.map((text) => {
      const at = text.indexOf('#');
      return { url: text.slice(0, at), key: text.slice(at + 1) };
    });
  }

  get publicUrl(): string {
    return this.givenPublicUrl ?? `http://${this.host}:${this.port}`;
  }

  /** The internal address of a service that another process hosts, when it was given. */
  urlOf(service: ServiceName): string | undefined {
    const urls: Readonly<Record<ServiceName, string | undefined>> = {
      gateway: this.gatewayUrl,
      orchestrator: this.orchestratorUrl,
      'connector-hub': this.connectorHubUrl,
      normalizer: this.normalizerUrl,
      storage: this.storageUrl,
      analytics: this.analyticsUrl,
      audit: this.auditUrl,
      auth: this.authUrl,
      observer: this.observerUrl,
    };
    return urls[service];
  }

  /** The configuration for people and logs: secrets are never in it. */
  toJSON(): Readonly<Record<string, unknown>> {
    const secrets = new Set(
      variablesOf(ChartlyConfig.prototype)
        .filter(({ secret }) => secret)
        .map(({ property }) => property),
    );
    return Object.fromEntries(
      Object.entries(this).map(([name, value]: [string, unknown]) => [
        name,
        secrets.has(name) && value !== undefined ? '[secret]' : value,
      ]),
    );
  }

  toString(): string {
    return JSON.stringify(this);
  }

  [inspect.custom](): unknown {
    return this.toJSON();
  }
}
