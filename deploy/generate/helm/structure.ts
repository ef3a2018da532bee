import { CONTRACT_MAJOR } from '#libs/infrastructure/contract';
import { componentsOf, Deployment, urlVariable } from '../components';
import { commonEnvironment } from '../kubernetes/environment';
import { calledBy, PRIVATE_RANGES } from '../kubernetes/policies';

/** The variables that carry secrets, and never stand in values. */
export const secretVariables = (deployment: Deployment): string[] => [
  ...Object.values(deployment.engines).map(({ address }) => address),
  ...Object.values(deployment.secrets).map(({ variable }) => variable),
];

/**
 * How connections to Postgres are shared out. `queues`: what a process holds for its jobs at most, two pooled
 * connections and one that listens for each queue and each worker; `reserved`: for people, backups and the migration; pool: the bounds of CHARTLY_DATABASE_POOL and its default.
 */
const CONNECTIONS = { queues: 16, reserved: 20, poolMin: 4, poolMax: 10 };

/** What the chart's templates need to know about the nine and nobody chooses: `files/structure.json`. */
export function chartStructure(deployment: Deployment): object {
  const { user, ports, dataDir, preStopSeconds, terminationGraceSeconds } = deployment.platform;
  const secrets = Object.entries(deployment.secrets);
  const callersOf = (name: string): string[] =>
    componentsOf(deployment)
      .filter(([caller]) => [...calledBy(deployment, caller)].some((called) => called === name))
      .map(([caller]) => caller);
  return {
    contractMajor: CONTRACT_MAJOR,
    connections: CONNECTIONS,
    user,
    ports,
    dataDir,
    preStopSeconds,
    terminationGraceSeconds,
    environment: commonEnvironment(deployment),
    engines: Object.fromEntries(
      Object.entries(deployment.engines).map(([engine, { address }]) => [engine, { address }]),
    ),
    migrationVariable: secrets.find(([id]) => id === 'migrationUrl')?.[1].variable,
    secrets: secrets.map(([id, { variable, only, optional = false }]) => ({ id, variable, only, optional })),
    secretVariables: secretVariables(deployment),
    privateRanges: PRIVATE_RANGES,
    components: Object.fromEntries(
      componentsOf(deployment).map(([name, component]) => [
        name,
        {
          urlVariable: urlVariable(name),
          public: component.public ?? false,
          stateful: component.stateful,
          writable: component.writable,
          environment: component.environment,
          queue: component.scaling.queue,
          engines: component.calls.engines,
          reaches: [...calledBy(deployment, name)],
          calledBy: callersOf(name),
          outside: component.calls.outside ?? false,
        },
      ]),
    ),
    monitoring: Object.fromEntries(
      Object.entries(deployment.monitoring).map(([name, { port, probes, writable }]) => [
        name,
        { port, probes, writable },
      ]),
    ),
  };
}
