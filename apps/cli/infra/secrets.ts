import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SERVICES, ServiceName } from '#libs/contracts/contract';

/** The keys and passwords of one deployment. */
export interface DeploymentSecrets {
  /** Ed25519, PKCS#8 as base64 DER, by service. */
  readonly privateKeys: Readonly<Record<ServiceName, string>>;
  /** SPKI as base64 DER, by service; what the nine check each other by. No secret. */
  readonly publicKeys: Readonly<Record<ServiceName, readonly string[]>>;
  /** Ed25519, PKCS#8 as base64 DER. */
  readonly auditKey: string;
  /** 32 bytes in base64, which auth wraps the keys of secrets with. */
  readonly masterKey: string;
  readonly ownerPassword: string;
  readonly appPassword: string;
  readonly grafanaPassword: string;
  readonly eventsPassword: string;
  readonly objectsPassword: string;
}

const PASSWORD_BYTES = 24;
const MASTER_KEY_BYTES = 32;

/** New ones at every call. */
export function freshSecrets(): DeploymentSecrets {
  const keys = SERVICES.map((service) => ({ service, ...generateKeyPairSync('ed25519') }));
  const password = (): string => randomBytes(PASSWORD_BYTES).toString('base64url');
  const byService = <T>(of: (pair: (typeof keys)[number]) => T): Record<ServiceName, T> =>
    Object.fromEntries(keys.map((pair) => [pair.service, of(pair)])) as Record<ServiceName, T>; // one for each
  return {
    privateKeys: byService(({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')),
    publicKeys: byService(({ publicKey }) => [publicKey.export({ type: 'spki', format: 'der' }).toString('base64')]),
    auditKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    masterKey: randomBytes(MASTER_KEY_BYTES).toString('base64'),
    ownerPassword: password(),
    appPassword: password(),
    grafanaPassword: password(),
    eventsPassword: password(),
    objectsPassword: password(),
  };
}

/** The database in the same place as what uses it, by its role. */
export const databaseUrl = (host: string, role: 'chartly_owner' | 'chartly_app', password: string): string =>
  `postgres://${role}:${password}@${host}:5432/chartly`;
