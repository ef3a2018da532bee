import { generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';
import { TokenSigner, TokenVerifier } from './service-token';

const ANNA: Principal = { kind: 'key', id: 'k1', name: 'anna', grants: [{ role: 'viewer', project: 'default' }] };
const NOW = Date.UTC(2026, 0, 1);

interface Keys {
  readonly privateKey: KeyObject;
  readonly pem: string;
  readonly spki: string;
}

function newKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey,
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}

const coded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function handMade({ privateKey }: Keys, claims: unknown, header: object = { alg: 'EdDSA', typ: 'JWT' }): string {
  const body = `${coded(header)}.${coded(claims)}`;
  return `${body}.${sign(null, Buffer.from(body), privateKey).toString('base64url')}`;
}

describe('service tokens (rule 18)', () => {
  const gateway = newKeys();
  const normalizer = newKeys();
  const signer = new TokenSigner('gateway', gateway.pem);
  const verifier = new TokenVerifier({ gateway: [gateway.spki], normalizer: [normalizer.spki] });
  const seconds = NOW / 1_000;
  const claims = { iss: 'gateway', aud: 'storage', iat: seconds, exp: seconds + 60, act: ANNA };

  it('tells who calls and who asked in the first place', () => {
    const token = signer.tokenFor('storage', ANNA, NOW);
    expect(verifier.verify(token, 'storage', NOW)).toEqual({ role: 'gateway', principal: ANNA });
  });

  it('takes the key as base64 DER too', () => {
    const der = gateway.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    const token = new TokenSigner('gateway', der).tokenFor('storage', ANNA, NOW);
    expect(verifier.verify(token, 'storage', NOW).role).toBe('gateway');
  });

  it('takes either key while one replaces the other', () => {
    const next = newKeys();
    const both = new TokenVerifier({ gateway: [gateway.spki, next.spki] });
    for (const { pem } of [gateway, next]) {
      const token = new TokenSigner('gateway', pem).tokenFor('storage', ANNA, NOW);
      expect(both.verify(token, 'storage', NOW).role).toBe('gateway');
    }
  });

  it('is used again for 30 s and signed anew after them', () => {
    const first = signer.tokenFor('audit', ANNA, NOW);
    expect(signer.tokenFor('audit', ANNA, NOW + 29_999)).toBe(first);
    expect(signer.tokenFor('audit', ANNA, NOW + 30_000)).not.toBe(first);
  });

  it('is never that of the same subject with other grants', () => {
    const admin: Principal = { ...ANNA, grants: [{ role: 'admin', project: '*' }] };
    signer.tokenFor('auth', admin, NOW);
    expect(verifier.verify(signer.tokenFor('auth', ANNA, NOW), 'auth', NOW).principal).toEqual(ANNA);
  });

  it('is good for its 60 s and 30 s of skew, in both directions', () => {
    const token = signer.tokenFor('storage', ANNA, NOW);
    expect(verifier.verify(token, 'storage', NOW + 89_000).role).toBe('gateway');
    expect(() => verifier.verify(token, 'storage', NOW + 90_000)).toThrow(Unauthenticated);
    expect(verifier.verify(token, 'storage', NOW - 30_000).role).toBe('gateway');
    expect(() => verifier.verify(token, 'storage', NOW - 31_000)).toThrow(Unauthenticated);
  });

  it.each<[string, string]>([
    ['for another audience', handMade(gateway, { ...claims, aud: 'audit' })],
    ['of a service that signs with another key', handMade(normalizer, claims)],
    ['of a service without a key', handMade(gateway, { ...claims, iss: 'observer' })],
    ['of nobody that we know', handMade(gateway, { ...claims, iss: '__proto__' })],
    ['that lives too long', handMade(gateway, { ...claims, exp: seconds + 3_600 })],
    ['without an end', handMade(gateway, { ...claims, exp: undefined })],
    ['without a signature', `${coded({ alg: 'EdDSA', typ: 'JWT' })}.${coded(claims)}.`],
    ['that names no algorithm', `${coded({ alg: 'none' })}.${coded(claims)}.`],
    ['that names another algorithm', handMade(gateway, claims, { alg: 'HS256', typ: 'JWT' })],
    ['whose claims are null', handMade(gateway, null)],
    ['that is no token', 'a.b.c'],
    ['with a fourth part', `${handMade(gateway, claims)}.x`],
    ['that is empty', ''],
  ])('refuses a token %s', (_, token) => {
    expect(() => verifier.verify(token, 'storage', NOW)).toThrow(Unauthenticated);
  });

  it('refuses a token whose claims were changed', () => {
    const [header, , signature] = handMade(gateway, claims).split('.');
    const changed = coded({ ...claims, act: { ...ANNA, grants: [{ role: 'admin', project: '*' }] } });
    expect(() => verifier.verify(`${header}.${changed}.${signature}`, 'storage', NOW)).toThrow(Unauthenticated);
  });
});
