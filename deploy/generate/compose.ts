import { ChartlyConfig } from '#libs/config/config';
import { variablesOf } from '#libs/config/env';
import { ServiceName } from '#libs/contracts/contract';
import { Component, componentsOf, Deployment, Monitor, MonitorName, Writable } from './components';
import { sharedEnvironment, textsOf } from './kubernetes/environment';
import { Release } from './kubernetes/components';
import { yaml } from './yaml';

/** Where `chartly infra secrets --for compose` puts keys and passwords, one file a service. */
const SECRETS = './.chartly/compose';

const HARDENED = {
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  restart: 'unless-stopped',
};

/** The nine roles and their engines on one machine, in three profiles: core, monitoring, scale. */
export function composeFile(release: Release): string {
  const { deployment } = release;
  const services = {
    ...engines(deployment),
    migrate: migrate(release),
    ...Object.fromEntries(componentsOf(deployment).map(([name, component]) => [name, role(name, component, release)])),
    ...monitors(deployment),
  };
  const kept = componentsOf(deployment).flatMap(([name, { writable }]) =>
    writable.filter(({ path }) => path !== '/tmp').map((mount) => volumeOf(name, mount)),
  );
  const volumes = ['postgres', 'redis', 'events', 'objects', 'prometheus', 'grafana', ...kept];
  return yaml({ name: 'chartly', services, volumes: Object.fromEntries(volumes.map((name) => [name, {}])) });
}

const volumeOf = (name: string, { name: mount }: Writable): string => `${name}-${mount}`;

/** Compose writes sizes in its own letters: 64Mi is 64m. */
const composeSize = (quantity: string): string => quantity.replace(/Mi$/, 'm').replace(/Gi$/, 'g');

const tmpfs = (writable: readonly Writable[]): string[] =>
  writable.filter(({ path }) => path === '/tmp').map(({ path, size }) => `${path}:size=${composeSize(size)},mode=1777`);

/** Engines of the profile `scale`; an empty variable counts as unset. */
function grownEngines({ calls }: Component, { engines: all }: Deployment): Record<string, string> {
  const known = new Set(variablesOf(ChartlyConfig.prototype).map(({ name }) => name));
  const grown = calls.engines
    .map((engine) => all[engine])
    .filter(({ required, address }) => !required && known.has(address));
  return Object.fromEntries(grown.map(({ address }) => [address, `\${${address}:-}`]));
}

const image = ({ version }: Release): object => ({
  image: `chartly:\${CHARTLY_VERSION:-${version}}`,
  build: { context: '.', dockerfile: 'deploy/Dockerfile' },
});

function role(name: ServiceName, component: Component, release: Release): object {
  const { deployment } = release;
  const { user, ports, terminationGraceSeconds } = deployment.platform;
  const kept = component.writable.filter(({ path }) => path !== '/tmp');
  const ready = `fetch('http://127.0.0.1:${ports.internal}/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  return {
    profiles: ['core', 'scale'],
    ...image(release),
    ...HARDENED,
    user: `${user}:${user}`,
    environment: {
      CHARTLY_ROLE: name,
      ...sharedEnvironment(deployment, (host) => host),
      ...textsOf(component.environment),
      ...grownEngines(component, deployment),
    },
    env_file: [`${SECRETS}/${name}.env`],
    depends_on: {
      migrate: { condition: 'service_completed_successfully' },
      bucket: { condition: 'service_completed_successfully' },
    },
    ...(component.public ? { ports: [`127.0.0.1:\${CHARTLY_PUBLISHED_PORT:-${ports.public}}:${ports.public}`] } : {}),
    tmpfs: tmpfs(component.writable),
    ...(kept.length > 0 ? { volumes: kept.map((mount) => `${volumeOf(name, mount)}:${mount.path}`) } : {}),
    mem_limit: composeSize(component.resources.limits.memory),
    stop_grace_period: `${terminationGraceSeconds}s`,
    healthcheck: { test: ['CMD', 'node', '-e', ready], interval: '5s', timeout: '3s', retries: 60 },
  };
}

function migrate(release: Release): object {
  const { user } = release.deployment.platform;
  return {
    profiles: ['core', 'scale'],
    ...image(release),
    ...HARDENED,
    restart: 'on-failure',
    user: `${user}:${user}`,
    command: ['dist/src/main.js', '--migrate-only'],
    environment: { CHARTLY_ROLE: 'all' },
    env_file: [`${SECRETS}/migration.env`],
    depends_on: { postgres: { condition: 'service_healthy' } },
    tmpfs: ['/tmp:size=64m,mode=1777'],
  };
}

function engines({ compose: { images } }: Deployment): Record<string, object> {
  const healthcheck = (...test: string[]): object => ({
    healthcheck: { test: ['CMD', ...test], interval: '5s', timeout: '3s', retries: 30 },
  });
  return {
    postgres: {
      profiles: ['core', 'scale'],
      image: images.postgres,
      restart: 'unless-stopped',
      env_file: [`${SECRETS}/postgres.env`],
      volumes: [
        'postgres:/var/lib/postgresql/data',
        './deploy/compose/postgres-roles.sh:/docker-entrypoint-initdb.d/roles.sh:ro',
      ],
      shm_size: '256m',
      stop_grace_period: '60s',
      ...healthcheck('pg_isready', '-h', '127.0.0.1', '-U', 'chartly_owner', '-d', 'chartly'),
    },
    redis: {
      profiles: ['scale'],
      image: images.redis,
      ...HARDENED,
      user: '999:999',
      command: ['redis-server', '--maxmemory-policy', 'noeviction', '--appendonly', 'yes'],
      volumes: ['redis:/data'],
      tmpfs: ['/tmp:size=16m,mode=1777'],
      ...healthcheck('redis-cli', 'ping'),
    },
    events: {
      profiles: ['scale'],
      image: images.events,
      restart: 'unless-stopped',
      env_file: [`${SECRETS}/events.env`],
      volumes: ['events:/var/lib/clickhouse'],
      ulimits: { nofile: { soft: 262_144, hard: 262_144 } },
      ...healthcheck('clickhouse-client', '--query', 'SELECT 1'),
    },
    objects: {
      profiles: ['core', 'scale'],
      image: images.objects,
      ...HARDENED,
      user: '10001:10001',
      env_file: [`${SECRETS}/objects.env`],
      command: ['server', '/data'],
      volumes: ['objects:/data'],
      tmpfs: ['/tmp:size=64m,mode=1777'],
      ...healthcheck('mc', 'ready', 'local'),
    },
    bucket: {
      profiles: ['core', 'scale'],
      image: images.objects,
      ...HARDENED,
      restart: 'on-failure',
      user: '10001:10001',
      env_file: [`${SECRETS}/objects.env`],
      environment: { MC_CONFIG_DIR: '/tmp/mc' },
      entrypoint: ['/bin/sh', '-c'],
      command: [
        'mc alias set local http://objects:9000 "$$MINIO_ROOT_USER" "$$MINIO_ROOT_PASSWORD" && mc mb --ignore-existing local/chartly',
      ],
      depends_on: { objects: { condition: 'service_healthy' } },
      tmpfs: ['/tmp:size=16m,mode=1777'],
    },
  };
}

function monitors(deployment: Deployment): Record<string, object> {
  const { prometheus, grafana } = deployment.monitoring;
  const monitor = (name: MonitorName, { image: of, port, writable }: Monitor, published: number): object => ({
    profiles: ['monitoring'],
    image: `${of.repository}:${of.tag}`,
    ...HARDENED,
    ports: [`127.0.0.1:${published}:${port}`],
    tmpfs: tmpfs(writable),
    mem_limit: composeSize(deployment.monitoring[name].resources.limits.memory),
  });
  return {
    prometheus: {
      ...monitor('prometheus', prometheus, 9091),
      command: [
        '--config.file=/etc/prometheus/prometheus.yml',
        '--storage.tsdb.path=/prometheus',
        `--storage.tsdb.retention.time=${prometheus.retention ?? '15d'}`,
      ],
      volumes: [
        './deploy/compose/prometheus.yml:/etc/prometheus/prometheus.yml:ro',
        './deploy/monitoring/rules:/etc/prometheus-rules:ro',
        'prometheus:/prometheus',
      ],
    },
    grafana: {
      ...monitor('grafana', grafana, 3000),
      env_file: [`${SECRETS}/grafana.env`],
      environment: { GF_ANALYTICS_REPORTING_ENABLED: 'false', GF_USERS_ALLOW_SIGN_UP: 'false' },
      volumes: [
        './deploy/compose/grafana/datasources:/etc/grafana/provisioning/datasources:ro',
        './deploy/compose/grafana/providers:/etc/grafana/provisioning/dashboards:ro',
        './deploy/monitoring/dashboards:/etc/grafana/dashboards:ro',
        'grafana:/var/lib/grafana',
      ],
    },
  };
}
