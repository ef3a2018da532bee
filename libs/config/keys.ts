import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto';
import { SERVICES } from '#libs/contracts/contract';
import { ChartlyConfig } from './config';

/** What is wrong with the keys of a configuration, each in a sentence that shows none of them. */
export function keyProblems({ servicePrivateKey, servicePublicKeys, auditKey, auditNextKey }: ChartlyConfig): string[] {
  const problems: string[] = [];
  if (servicePrivateKey !== undefined && !isEd25519(() => readPrivateKey(servicePrivateKey))) {
    problems.push('CHARTLY_SERVICE_PRIVATE_KEY: the given value is not an Ed25519 key (PKCS#8, as PEM or base64 DER).');
  }
  for (const [variable, key] of Object.entries({ CHARTLY_AUDIT_KEY: auditKey, CHARTLY_AUDIT_NEXT_KEY: auditNextKey })) {
    if (key !== undefined && !isEd25519(() => readPrivateKey(key))) {
      problems.push(`${variable}: the given value is not an Ed25519 key (PKCS#8, as PEM or base64 DER).`);
    }
  }
  for (const [role, keys] of Object.entries(servicePublicKeys ?? {})) {
    const known = SERVICES.some((service) => service === role);
    if (!known)
      problems.push(`CHARTLY_SERVICE_PUBLIC_KEYS: there is no role "${role}". Roles are ${SERVICES.join(', ')}.`);
    const list: unknown = keys;
    if (!Array.isArray(list) || !list.every((key) => typeof key === 'string' && isEd25519(() => publicKey(key)))) {
      problems.push(`CHARTLY_SERVICE_PUBLIC_KEYS: "${role}" is not a list of Ed25519 keys (SPKI, as base64 DER).`);
    }
  }
  return problems;
}

/** A private key out of the text of a variable: PKCS#8, as PEM or base64 DER. Throws for any other text. */
export const readPrivateKey = (text: string): KeyObject =>
  text.includes('-----BEGIN')
    ? createPrivateKey(text)
    : createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });

const publicKey = (text: string): KeyObject =>
  createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });

function isEd25519(read: () => KeyObject): boolean {
  try {
    return read().asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
