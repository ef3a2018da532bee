import { ServiceName } from '#libs/contracts/contract';
import { Component, componentsOf, Deployment, EngineName, Monitor } from '../components';
import { hardQuota } from '../kubernetes/policies';
import { Field, group } from './fields';
import * as of from './schemas';
import { secretVariables } from './structure';

const COMPONENT_DOC = 'The nine, each by itself.';

/** Everything that whoever installs the chart may choose, with its default out of deploy/components.yaml. */
export function chartValues(deployment: Deployment): ReturnType<typeof group> {
  const secret = secretVariables(deployment);
  return group('', {
    image: group('The image that all nine run from.', {
      repository: of.text('Where the image is.', 'chartly'),
      tag: of.tag("Its tag; the chart's appVersion when empty.", ''),
      digest: of.digest('Its digest, which wins over the tag.'),
      pullPolicy: of.choice('When it is pulled.', ['IfNotPresent', 'Always', 'Never'], 'IfNotPresent'),
      pullSecrets: of.objects('Secrets to pull it with, as `name: ...`.'),
    }),
    infrastructure: group('What Terraform made; `chartly infra values` writes this.', {
      contractVersion: of.text('Version of the contract that its outputs speak. Another major stops the render.'),
      environment: of.text('Name of the environment.'),
    }),
    config: of.environment('Variables for all nine, beside those of files/structure.json. Never secrets.', secret),
    engines: group('What the nine reach beside each other: a Secret with the address of each.', engines(deployment)),
    secrets: group('Secrets that are no address of an engine.', secrets(deployment)),
    publicKeys: group('Keys that the nine check each other by; `chartly infra secrets` makes them.', {
      existingConfigMap: of.name('ConfigMap that holds them.', 'chartly-public-keys'),
      key: of.key('Key in it.', 'keys.json'),
    }),
    components: group(
      COMPONENT_DOC,
      Object.fromEntries(
        componentsOf(deployment).map(([name, component]) => [name, componentFields(name, component, secret)]),
      ),
    ),
    migration: group('The Job that extends the tables before pods of a release start.', {
      enabled: of.flag('Whether a hook runs it; without, run `chartly migrate` before each upgrade.', true),
      deadlineSeconds: of.count('Seconds that it may take in all.', 1_800, 86_400),
      resources: of.resources('What it gets.', {
        requests: { cpu: '50m', memory: '128Mi' },
        limits: { memory: '384Mi' },
      }),
      ...placement(),
    }),
    ingress: group('The way in from outside, by path.', {
      enabled: of.flag('Whether there is one.', false),
      className: of.text('Class of the controller that serves it.'),
      host: of.text('Name that clients ask for.', 'chartly.example.com'),
      annotations: of.texts('For the controller.'),
      tls: group('How it is encrypted.', { existingSecret: of.text('Secret with the certificate; empty for none.') }),
      paths: paths(deployment),
    }),
    networkPolicies: group('Who may speak to whom; nothing else goes.', {
      enabled: of.flag('Whether they are installed. The cluster must have a network that enforces them.', false),
      outside: of.flag(
        'Whether connectors, logins, webhooks and witnesses reach the public internet; false for a drill.',
        true,
      ),
      publicFrom: of.objects("Peers that may reach the gateway's public port; empty for everybody."),
      scrapeFrom: of.objects('Peers beside our own Prometheus that may read /metrics.'),
      queryFrom: of.objects('Peers beside our own Grafana that may query Prometheus.'),
    }),
    disruptionBudgets: group('How many pods of a component may be away at once: one.', {
      enabled: of.flag('Whether they are installed, for components of several replicas.', false),
    }),
    quota: group('What the namespace may hold in all.', {
      enabled: of.flag('Whether it is installed.', false),
      hard: {
        doc: 'Every component at its most replicas, and once over for a rollout.',
        schema: { type: 'object', additionalProperties: { type: ['string', 'integer'] } },
        value: hardQuota(deployment),
      },
    }),
    monitoring: group('Prometheus and Grafana, with rules and dashboards.', {
      alertmanager: {
        doc: 'host:port of an Alertmanager; empty for none.',
        schema: { type: 'string', pattern: '^([a-zA-Z0-9.-]+:[0-9]{1,5})?$' },
        value: '',
      },
      prometheus: monitorFields(deployment.monitoring.prometheus, {
        retention: {
          doc: 'How long samples are kept.',
          schema: { type: 'string', pattern: '^[0-9]+[dhw]$' },
          value: deployment.monitoring.prometheus.retention,
        },
        url: of.text('Where Grafana asks, when it is not this one.'),
      }),
      grafana: monitorFields(deployment.monitoring.grafana, {
        existingSecret: of.name(
          "Secret with the administrator's password.",
          deployment.monitoring.grafana.secret?.name ?? '',
        ),
        key: of.key('Key in it.', deployment.monitoring.grafana.secret?.key ?? ''),
      }),
    }),
  });
}

function engines(deployment: Deployment): Record<string, Field> {
  const docs: Readonly<Record<EngineName, string>> = {
    postgres: 'Postgres 15 or newer: records, the inbox, and jobs where there is no Redis.',
    redis: 'Redis for jobs (`maxmemory-policy noeviction`).',
    events: 'ClickHouse for events and rollups; without it, DuckDB in the one storage pod.',
    objects: 'Object storage by the S3 API: raw segments, exports and archives.',
  };
  return Object.fromEntries(
    (Object.keys(docs) as EngineName[]).map((engine) => {
      const { secret, key, port, required } = deployment.engines[engine];
      const fields = {
        existingSecret: of.name('Secret that holds its address.', secret),
        key: of.key('Key in it.', key),
        required: {
          doc: 'Whether pods wait for that Secret; when false it is used where it exists.',
          schema: required ? { const: true } : { type: 'boolean' },
          value: required,
        },
        port: of.count('Its port, for the network policies.', port, 65_535),
        cidrs: of.cidrs('Where it is, for the network policies; empty for anywhere.'),
        ...(engine === 'postgres'
          ? {
              maxConnections: {
                doc: 'Connections that it allows; the pool of each process follows from it. 0: not known.',
                schema: { type: 'integer', minimum: 0, maximum: 100_000 },
                value: 0,
              },
            }
          : {}),
      };
      return [engine, group(docs[engine], fields)];
    }),
  );
}

const secrets = (deployment: Deployment): Record<string, Field> =>
  Object.fromEntries(
    Object.entries(deployment.secrets).map(([id, { variable, secret, key }]) => [
      id,
      group(`${variable}.`, {
        existingSecret: of.name('Secret that holds it.', secret),
        key: of.key("Key in it; {component} stands for the component's name.", key),
      }),
    ]),
  );

const placement = (): Record<string, Field> => ({
  nodeSelector: of.texts('Labels of the nodes that it may run on.'),
  tolerations: of.objects('Taints that it tolerates.'),
  affinity: of.object('Where it would rather run.'),
  priorityClassName: of.text('Who goes first when room is short.'),
});

function componentFields(name: ServiceName, component: Component, secretVariables: readonly string[]): Field {
  const { scaling } = component;
  const kept = component.writable.find(({ persistent }) => persistent);
  return group(component.summary, {
    enabled: of.flag('Whether it is installed.', true),
    replicas: of.count('Pods, where it does not scale by itself.', component.replicas),
    resources: of.resources('What a pod gets.', component.resources),
    env: of.environment('Variables for it alone. Never secrets.', secretVariables),
    autoscaling: group('How it scales by itself.', {
      enabled: of.flag('Whether it does.', false),
      min: of.count('Fewest pods.', scaling.min),
      max: of.count('Most pods.', scaling.max),
      cpu: of.count('Use of the requested CPU to hold, in percent.', scaling.cpu, 100),
      queue: group('Scaling by jobs that wait, for components that work off a queue.', {
        source: of.choice(
          'Who reads the queue: nobody, a metrics adapter (HPA), or KEDA.',
          ['off', 'adapter', 'keda'],
          'off',
        ),
        perReplica: of.count('Waiting jobs for each pod.', scaling.queue?.perReplica ?? 100, 1_000_000),
        prometheus: of.text('Address of the Prometheus that KEDA asks; our own when empty.'),
      }),
    }),
    ...(kept
      ? {
          persistence: group(`The volume at ${kept.path}.`, {
            existingClaim: of.text('A claim that is there already.'),
            size: of.quantity('How much it holds.', kept.size),
            storageClass: of.text("Its class; the cluster's default when empty."),
          }),
        }
      : {}),
    ...(component.calls.outside
      ? {
          egress: of.ways(
            'Where its network policy lets it go beside services, engines and public 80 and 443, as `{ to: [{ ipBlock: { cidr: 10.0.0.0/24 } }], ports: [8200] }`.',
          ),
        }
      : {}),
    serviceAccount: group('The account that its pods run under.', {
      annotations: of.texts(`For workload identity of ${name}, as eks.amazonaws.com/role-arn.`),
    }),
    podAnnotations: of.texts('For its pods.'),
    ...placement(),
  });
}

function monitorFields({ image, resources, writable }: Monitor, more: Record<string, Field>): Field {
  const data = writable.find(({ path }) => path !== '/tmp');
  return group('', {
    enabled: of.flag('Whether it is installed.', true),
    image: group('Its image.', {
      repository: of.text('Where it is.', image.repository),
      tag: of.tag('Its tag.', image.tag),
      digest: of.digest('Its digest, which wins over the tag.'),
    }),
    resources: of.resources('What its pod gets.', resources),
    persistence: group('What outlives its pod.', {
      enabled: of.flag('Whether it keeps its data in a volume.', false),
      size: of.quantity('How much it holds.', data?.size ?? '1Gi'),
      storageClass: of.text("Its class; the cluster's default when empty."),
    }),
    ...more,
    ...placement(),
  });
}

function paths(deployment: Deployment): Field {
  const fronts = componentsOf(deployment)
    .filter(([, { public: isPublic }]) => isPublic)
    .map(([name]) => name);
  return {
    doc: 'Paths and the component that serves each; the longest goes first.',
    schema: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['path', 'pathType', 'component'],
        properties: {
          path: { type: 'string', pattern: '^/' },
          pathType: { enum: ['Prefix', 'Exact'] },
          component: { enum: componentsOf(deployment).map(([name]) => name) },
        },
      },
    },
    value: fronts.map((component) => ({ path: '/', pathType: 'Prefix', component })),
  };
}
