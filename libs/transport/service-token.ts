import { createPublicKey, KeyObject, sign, verify } from 'node:crypto';
import { readPrivateKey } from '#libs/config/keys';
import { ServiceName, SERVICES } from '#libs/contracts/contract';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated } from '#libs/errors/errors';

const LIFE_S = 60;
const SKEW_S = 30;
/** A token is used again for this long, so that signing costs nothing on a busy edge. */
const REUSE_MS = 30_000;
const CACHED_MAX = 1_000;
const HEADER = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'JWT' })).toString('base64url');

interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  /** Who asked in the first place. */
  readonly act: Principal;
}

/** Signs this process's calls (rule 18): Ed25519 JWT, 60 s, for one audience, carrying the original subject. */
export class TokenSigner {
  private readonly key: KeyObject;
  private readonly cache = new Map<string, { token: string; until: number }>();

  /** `privateKey` is PKCS#8, as PEM or as base64 DER. */
  constructor(
    private readonly role: ServiceName,
    privateKey: string,
  ) {
    this.key = readPrivateKey(privateKey);
  }

  tokenFor(target: ServiceName, principal: Principal, now = Date.now()): string {
    const name = `${target} ${JSON.stringify(principal)}`;
    const cached = this.cache.get(name);
    if (cached && cached.until > now) return cached.token;
    const iat = Math.floor(now / 1_000);
    const claims: Claims = { iss: this.role, aud: target, iat, exp: iat + LIFE_S, act: principal };
    const body = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    const token = `${body}.${sign(null, Buffer.from(body), this.key).toString('base64url')}`;
    if (this.cache.size >= CACHED_MAX) this.cache.clear();
    this.cache.set(name, { token, until: now + REUSE_MS });
    return token;
  }
}

export interface Caller {
  readonly role: ServiceName;
  readonly principal: Principal;
}

/** Checks tokens against the public keys that the configuration pins. */
export class TokenVerifier {
  private readonly keys: ReadonlyMap<ServiceName, readonly KeyObject[]>;

  /** Role -> SPKI keys as base64 DER; two while one replaces the other. */
  constructor(publicKeys: Readonly<Record<string, readonly string[]>>) {
    this.keys = new Map(
      SERVICES.map((role) => [
        role,
        (publicKeys[role] ?? []).map((key) =>
          createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }),
        ),
      ]),
    );
  }

  /** Who calls. Throws Unauthenticated `service.token` for anything but a fresh token for `audience`. */
  verify(token: string, audience: ServiceName, now = Date.now()): Caller {
    const [header, payload, signature, ...rest] = token.split('.');
    if (header !== HEADER || payload === undefined || signature === undefined || rest.length > 0)
      throw refused('malformed');
    const claims = claimsOf(payload);
    const role = SERVICES.find((name) => name === claims.iss);
    const body = Buffer.from(`${header}.${payload}`);
    const bytes = Buffer.from(signature, 'base64url');
    const signed = (role ? (this.keys.get(role) ?? []) : []).some((key) => verify(null, body, key, bytes));
    if (!role || !signed) throw refused('not signed by a service that we know');
    if (claims.aud !== audience) throw refused(`for "${String(claims.aud)}" and not for ${audience}`);
    const second = now / 1_000;
    if (!(claims.exp + SKEW_S > second && claims.iat - SKEW_S <= second && claims.exp - claims.iat <= LIFE_S)) {
      throw refused('not valid at this time');
    }
    return { role, principal: claims.act };
  }
}

function claimsOf(payload: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof claims === 'object' && claims !== null) return claims as Claims; // trusted only after the signature holds
  } catch {
    // no JSON: refused below
  }
  throw refused('malformed');
}

const refused = (why: string): Unauthenticated => new Unauthenticated('service.token', `The service token is ${why}.`);
