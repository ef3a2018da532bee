import { loadComponents } from '#deploy/generate/components';
import { SERVICES } from '#libs/contracts/contract';
import { ROOT } from '../support/paths';
import { Install, rendered } from './support/helm';
import { KubeObject, ofKind, workloadsOf } from './support/objects';
import { broken } from './support/rules';
import { describeWithHelm } from './support/tools';

const { components } = loadComponents(ROOT);
const QUEUED = SERVICES.filter((service) => components[service].scaling.queue);
const namesOf = (objects: readonly KubeObject[], kind: string): string[] =>
  ofKind(objects, kind).map(({ metadata: { name } }) => name);

/** Every component scales, those with a queue of their own by what waits in it. */
const scaled = (source: 'off' | 'adapter' | 'keda'): Install => ({
  values: {
    engines: { events: { required: true } },
    components: Object.fromEntries(
      SERVICES.map((service) => {
        const queue = QUEUED.includes(service) ? { queue: { source } } : {};
        return [service, { autoscaling: { enabled: true, ...queue } }];
      }),
    ),
  },
});

/** Of a Deployment; ours say a number. */
interface Rolled {
  readonly strategy?: { readonly rollingUpdate?: { readonly maxSurge?: number } };
}

/** A quantity of Kubernetes in MiB, or in thousandths of a core. */
function amountOf(quantity: string): number {
  const [, number, unit] = /^(\d+)(m|Mi|Gi|)$/.exec(quantity) ?? [];
  if (number === undefined) throw new Error(`"${quantity}" is no quantity that is written here.`);
  return Number(number) * ({ m: 1, Mi: 1, Gi: 1_024 }[unit!] ?? 1_000); // its group took part
}

describeWithHelm('the chart scales', () => {
  it('nothing by itself, unless it is told to', () => {
    const objects = rendered({});
    expect(ofKind(objects, 'HorizontalPodAutoscaler', 'ScaledObject')).toEqual([]);
  });

  it.each(SERVICES)('%s by its CPU, between the bounds of deploy/components.yaml', (service) => {
    const { min, max, cpu } = components[service].scaling;
    const scaler = ofKind(rendered(scaled('off')), 'HorizontalPodAutoscaler').find(
      ({ metadata: { name } }) => name === `chartly-${service}`,
    );
    expect(scaler?.spec).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `chartly-${service}` },
      minReplicas: min,
      maxReplicas: max,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: cpu } } }],
    });
  });

  it.each(QUEUED)('%s by the jobs that wait for it, where a metrics adapter tells of them', (service) => {
    const scaler = ofKind(rendered(scaled('adapter')), 'HorizontalPodAutoscaler').find(
      ({ metadata: { name } }) => name === `chartly-${service}`,
    );
    const { name, perReplica } = components[service].scaling.queue!;
    expect(scaler?.spec?.metrics).toMatchObject([
      { type: 'Resource' },
      {
        type: 'External',
        external: {
          metric: { name: 'chartly_queue_jobs', selector: { matchLabels: { queue: name, state: 'waiting' } } },
          target: { type: 'AverageValue', averageValue: String(perReplica) },
        },
      },
    ]);
  });

  it.each(QUEUED)('%s by the jobs that wait for it, through KEDA', (service) => {
    const objects = rendered(scaled('keda'));
    const { queue, min, max, cpu } = components[service].scaling;
    const scaler = ofKind(objects, 'ScaledObject').find(({ metadata: { name } }) => name === `chartly-${service}`);
    expect(scaler).toMatchObject({
      apiVersion: 'keda.sh/v1alpha1',
      spec: {
        scaleTargetRef: { name: `chartly-${service}` },
        minReplicaCount: min,
        maxReplicaCount: max,
        triggers: [
          { type: 'cpu', metricType: 'Utilization', metadata: { value: String(cpu) } },
          {
            type: 'prometheus',
            metadata: {
              serverAddress: 'http://chartly-prometheus:9090',
              query: `max(chartly_queue_jobs{queue="${queue!.name}", state="waiting"})`,
              threshold: String(queue!.perReplica),
            },
          },
        ],
      },
    });
    expect(namesOf(objects, 'HorizontalPodAutoscaler')).not.toContain(`chartly-${service}`);
  });

  it('rule 15: and leaves the number of pods to what scales them', () => {
    for (const source of ['off', 'adapter', 'keda'] as const) {
      const objects = rendered(scaled(source));
      const scalers = [...namesOf(objects, 'HorizontalPodAutoscaler'), ...namesOf(objects, 'ScaledObject')];
      expect(scalers.sort()).toEqual(SERVICES.map((service) => `chartly-${service}`).sort());
      expect(broken(15, objects)).toEqual([]);
      expect(
        broken(9, [
          ...objects,
          ...ofKind(rendered({ values: { networkPolicies: { enabled: true } } }), 'NetworkPolicy'),
        ]),
      ).toEqual([]);
    }
  });

  it.each(['dev', 'staging', 'production'])(
    'within the quota of its namespace, with the most pods of each and those that a rollout adds: %s',
    (size) => {
      const objects = rendered({ files: [`values-${size}.yaml`, 'values-policies.yaml'] });
      const most = new Map(
        ofKind(objects, 'HorizontalPodAutoscaler').map(({ metadata: { name }, spec }) => [
          name,
          Number(spec!.maxReplicas),
        ]),
      );
      const wanted = { pods: 0, cpu: 0, memory: 0 };
      for (const { name, replicas, containers, object } of workloadsOf(objects)) {
        const { maxSurge = 0 } = (object.spec as Rolled).strategy?.rollingUpdate ?? {};
        const pods = (most.get(name) ?? replicas) + maxSurge;
        wanted.pods += pods;
        for (const { resources } of containers) {
          wanted.cpu += pods * amountOf(resources!.requests!.cpu!); // rule 7
          wanted.memory += pods * amountOf(resources!.limits!.memory!);
        }
      }
      const { hard } = ofKind(objects, 'ResourceQuota')[0]!.spec as { hard: Record<string, string> }; // a quota has it
      expect(Number(hard.pods)).toBeGreaterThanOrEqual(wanted.pods);
      expect(amountOf(hard['requests.cpu']!)).toBeGreaterThanOrEqual(wanted.cpu);
      expect(amountOf(hard['limits.memory']!)).toBeGreaterThanOrEqual(wanted.memory);
    },
  );
});
