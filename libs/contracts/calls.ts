import { ServiceName } from './contract';

/**
 * The services that each service calls, as the design has it; a callee refuses everybody else. A test holds it against
 * `deploy/components.yaml` and both against what the code injects.
 */
export const CALLS: Readonly<Record<ServiceName, readonly ServiceName[]>> = {
  gateway: ['orchestrator', 'connector-hub', 'normalizer', 'analytics', 'storage', 'audit', 'auth', 'observer'],
  orchestrator: ['connector-hub', 'normalizer', 'analytics', 'storage', 'observer', 'audit'],
  'connector-hub': ['audit', 'auth'],
  normalizer: ['connector-hub', 'storage', 'audit'],
  storage: ['audit'],
  analytics: ['storage', 'audit'],
  audit: [],
  auth: ['audit'],
  observer: ['connector-hub', 'normalizer', 'storage'],
};
