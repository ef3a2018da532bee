import { AnalyticsContract } from './analytics.contract';
import { AuditContract } from './audit.contract';
import { AuthContract } from './auth.contract';
import { ConnectorHubContract } from './connector-hub.contract';
import { AnyContract } from './contract';
import { NormalizerContract } from './normalizer.contract';
import { ObserverContract } from './observer.contract';
import { OrchestratorContract } from './orchestrator.contract';
import { StorageContract } from './storage.contract';

/** Every contract there is; the gateway offers none. */
export const CONTRACTS: readonly AnyContract[] = [
  OrchestratorContract,
  ConnectorHubContract,
  NormalizerContract,
  StorageContract,
  AnalyticsContract,
  AuditContract,
  AuthContract,
  ObserverContract,
];
