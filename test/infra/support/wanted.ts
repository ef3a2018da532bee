import fc from 'fast-check';

/** Random environments that the contracts let through, as the variables of `terraform/stack`. */
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
const octet = fc.integer({ min: 0, max: 255 });
const cidr = fc.tuple(octet, octet, fc.integer({ min: 8, max: 28 })).map(([a, b, bits]) => `10.${a}.${b}.0/${bits}`);
const cidrs = fc.uniqueArray(cidr, { maxLength: 3 });
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const host = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 3 }), fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/))
  .map(([labels, last]) => [...labels, last].join('.'));
const port = fc.integer({ min: 1, max: 65_535 });
const size = fc.constantFrom('small', 'medium', 'large');

const network = fc.integer({ min: 0, max: 3 }).chain((zones) =>
  fc.record({
    name,
    cidr,
    availability_zones: fc.constant(Array.from({ length: zones }, (_, at) => `zone-${at}`)),
    private_subnet_cidrs: fc.constant(Array.from({ length: zones }, (_, at) => `10.${at}.0.0/19`)),
    nat: fc.constantFrom('none', 'single', 'per_zone'),
  }),
);

const cluster = fc.record({
  name,
  kubernetes_version: fc.integer({ min: 27, max: 40 }).map((minor) => `1.${minor}`),
  node_groups: fc.array(
    fc.record({ name, size, min: fc.integer({ min: 0, max: 3 }), max: fc.integer({ min: 3, max: 30 }) }),
    { minLength: 1, maxLength: 3 },
  ),
});

const database = fc.record({
  name,
  engine_version: fc.constantFrom('15', '16.4', '17', '18'),
  size,
  storage_gib: fc.integer({ min: 10, max: 65_536 }),
  high_availability: fc.boolean(),
  backup_retention_days: fc.integer({ min: 0, max: 35 }),
  max_connections: fc.integer({ min: 900, max: 10_000 }),
  port,
});

const cache = fc.record({ name, memory_mib: fc.integer({ min: 64, max: 10_000 }), port });
const objects = fc.record({
  name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$/),
  region: fc.option(fc.constantFrom('eu-central-1', 'us-east-1'), { nil: null }),
  versioning: fc.boolean(),
  encryption: fc.constantFrom('provider', 'customer_key'),
});
const events = fc.record({
  name,
  shards: fc.integer({ min: 1, max: 256 }),
  replicas: fc.integer({ min: 1, max: 9 }),
  port,
});

const path = fc.stringMatching(/^\/[A-Za-z0-9_-]{0,8}$/);
const gateway = fc.record({
  host,
  tls: fc.oneof(
    fc.record({ mode: fc.constantFrom('none', 'edge') }),
    fc.record({ mode: fc.constant('secret'), secret_name: label }),
  ),
  ingress_class: fc.option(label, { nil: null }),
  annotations: fc.dictionary(
    label.map((key) => `example.com/${key}`),
    fc.string({ maxLength: 30 }),
    { maxKeys: 3 },
  ),
  paths: fc
    .uniqueArray(path, { minLength: 1, maxLength: 4 })
    .map((paths) => paths.map((one) => ({ path: one, path_type: 'Prefix' }))),
  allowed_cidrs: cidrs,
  trusted_proxy_cidrs: cidrs,
  max_body_mib: fc.integer({ min: 1, max: 64 }),
});

export const wanted = fc.record({
  environment: name,
  network,
  cluster,
  database,
  cache: fc.option(cache, { nil: null }),
  objects,
  events: fc.option(events, { nil: null }),
  gateway,
});
export type Wanted = typeof wanted extends fc.Arbitrary<infer T> ? T : never;

/** What the Secrets of a deployment are called, which an overlay says. */
export const implementation = fc
  .record({ secret: label, key: fc.stringMatching(/^[a-z][a-z0-9._-]{0,10}$/) })
  .map(({ secret, key }) => ({
    cluster: { storage_class: 'fast', service_account_annotations: { storage: { 'example.com/role': secret } } },
    database: {
      app_secret_ref: { name: `${secret}-app`, key },
      migration_secret_ref: { name: `${secret}-owner`, key },
    },
    cache: { secret_ref: { name: `${secret}-redis`, key } },
    objects: { secret_ref: { name: `${secret}-objects`, key } },
    events: { secret_ref: { name: `${secret}-events`, key } },
  }));

/** One thing wrong in it, and the variable that Terraform must name. */
export const spoiled: fc.Arbitrary<readonly [Wanted, string]> = fc
  .tuple(
    wanted,
    fc.constantFrom<readonly [keyof Wanted, object, string]>(
      ['network', { cidr: '10.0.0.0' }, 'spec.cidr'],
      ['network', { nat: 'twice' }, 'spec.nat'],
      ['cluster', { kubernetes_version: '1.2' }, 'spec.kubernetes_version'],
      ['cluster', { node_groups: [] }, 'spec.node_groups'],
      ['database', { max_connections: 3 }, 'spec.max_connections'],
      ['database', { engine_version: '9.6' }, 'spec.engine_version'],
      ['database', { port: 0 }, 'spec.port'],
      ['objects', { encryption: 'none' }, 'spec.encryption'],
      ['gateway', { host: 'http://x' }, 'spec.host'],
      ['gateway', { paths: [] }, 'spec.paths'],
      ['gateway', { max_body_mib: 65 }, 'spec.max_body_mib'],
    ),
  )
  .map(([all, [part, wrong, named]]) => [{ ...all, [part]: { ...(all[part] as object), ...wrong } }, named] as const); // parts are objects
