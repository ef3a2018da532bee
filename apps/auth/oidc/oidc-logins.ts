import { Injectable, Logger } from '@nestjs/common';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import * as oidc from 'openid-client';
import { DataSource, EntityManager, IsNull } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { ChartlyConfig } from '#libs/config/config';
import { FinishOidc, LogoutUrl, OidcBegun } from '#libs/contracts/auth-logins';
import { LoggedIn } from '#libs/contracts/auth-users';
import { EgressGuard } from '#libs/egress/egress-guard';
import { Unauthenticated, Unavailable } from '#libs/errors/errors';
import { Challenges } from '../sessions/challenges';
import { Refusals } from '../refusals';
import { LoginThrottle } from '../sessions/login-throttle';
import { Sessions } from '../sessions/sessions';
import { Groups } from '../users/groups';
import { User } from '../users/user.entity';
import { Users } from '../users/users';
import { providerFetch } from './provider-fetch';
import { isLoopback, Provider, Providers } from './providers';

const LOGIN_MS = 600_000;
const PROVIDER_TIMEOUT_S = 10;
const DISCOVERY_FRESH_MS = 600_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}$/;

interface Begun {
  readonly provider: string;
  readonly nonce: string;
  readonly verifier: string;
  /** SHA-256 of what the browser's cookie holds. */
  readonly browser: string;
}

/** Logins at an OpenID provider: code flow with PKCE, state, nonce and exact issuer (rule 19). */
@Injectable()
export class OidcLogins {
  private readonly logger = new Logger('OidcLogins');
  private readonly discovered = new Map<string, { client: oidc.Configuration; at: number }>();

  constructor(
    private readonly database: DataSource,
    private readonly providers: Providers,
    private readonly challenges: Challenges,
    private readonly users: Users,
    private readonly groups: Groups,
    private readonly sessions: Sessions,
    private readonly audit: AuditTrail,
    private readonly throttle: LoginThrottle,
    private readonly refusals: Refusals,
    private readonly config: ChartlyConfig,
    private readonly guard: EgressGuard,
  ) {}

  async begin(name: string): Promise<OidcBegun> {
    const provider = await this.providers.find(name);
    const client = await this.client(provider);
    const [state, nonce, browser] = [oidc.randomState(), oidc.randomNonce(), randomBytes(32).toString('base64url')];
    const verifier = oidc.randomPKCECodeVerifier();
    const body: Begun = { provider: name, nonce, verifier, browser: digest(browser).toString('hex') };
    await this.challenges.put(state, 'oidc', LOGIN_MS, body);
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: this.redirectUri(name),
      scope: ['openid', ...(provider.scopes ?? ['profile', 'email'])].join(' '),
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, browser };
  }

  /** Throws Unauthenticated `login.provider` for an answer that is not to this login of this browser. */
  finish(request: FinishOidc): Promise<LoggedIn> {
    return this.throttle.during({ kind: 'provider', name: request.name }, () => this.answered(request));
  }

  private async answered({ name, url, browser }: FinishOidc): Promise<LoggedIn> {
    const provider = await this.providers.find(name);
    const answer = new URL(url, this.config.publicUrl);
    const state = answer.searchParams.get('state') ?? '';
    const begun = await this.challenges.take<Begun>(state, 'oidc');
    const isOurs = begun?.provider === name && timingSafeEqual(Buffer.from(begun.browser, 'hex'), digest(browser));
    if (!begun || !isOurs) throw await this.refused('the login was not begun in this browser, or too long ago');
    const client = await this.client(provider);
    const at = new URL(this.redirectUri(name));
    at.search = answer.search;
    const claims = await oidc
      .authorizationCodeGrant(client, at, {
        expectedState: state,
        expectedNonce: begun.nonce,
        pkceCodeVerifier: begun.verifier,
        idTokenExpected: true,
      })
      .then((tokens) => tokens.claims())
      .catch(async (thrown: unknown) => {
        throw await this.refused(thrown instanceof Error ? thrown.message : 'its answer cannot be read');
      });
    if (!claims) throw await this.refused('it gave no ID token');
    const session = await this.database.transaction(async (tx) => {
      const user = await this.userOf(tx, provider, claims);
      if (user.state !== 'active') return undefined;
      await this.groups.follow(tx, user.id, groupsOf(provider, claims), `oidc/${name}`);
      return this.sessions.begin(tx, user, ['fed']);
    });
    if (!session) throw await this.refused('the user is disabled here');
    return session;
  }

  /** Where to log out at the provider too. */
  async logout(name: string): Promise<LogoutUrl> {
    const provider = await this.providers.find(name);
    const client = await this.client(provider);
    if (client.serverMetadata().end_session_endpoint === undefined) return {};
    const url = oidc.buildEndSessionUrl(client, { post_logout_redirect_uri: this.config.publicUrl });
    return { url: url.href };
  }

  /** Who somebody is, is (issuer, subject); on the first login the user is made. */
  private async userOf(tx: EntityManager, provider: Provider, claims: oidc.IDToken): Promise<User> {
    const { iss: issuer, sub: subject } = claims;
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('auth.oidc/' || $1 || ' ' || $2, 0))`, [
      issuer,
      subject,
    ]);
    const known = await tx.findOneBy(User, { issuer, subject });
    if (known) return known;
    const provisioned = await this.provisioned(tx, subject);
    if (provisioned) {
      await tx.update(User, { id: provisioned.id }, { issuer, subject });
      return { ...provisioned, issuer, subject };
    }
    const email = textIn(claims, 'email');
    const user = await this.users.insert(tx, {
      name: await this.freeName(tx, provider, claims),
      ...(textIn(claims, 'name') === undefined ? {} : { displayName: textIn(claims, 'name') }),
      ...(email === undefined ? {} : { email }),
      origin: 'oidc',
      issuer,
      subject,
    });
    await this.audit.record(tx, {
      action: 'users.create',
      target: `User/${user.id}`,
      outcome: 'succeeded',
      reason: `first login by ${provider.name}`,
      actor: { kind: 'user', id: user.id, name: user.name },
    });
    return user;
  }

  /**
   * The user whom a directory made for this subject (SCIM `externalId`). Only where there is one provider: with several,
   * one could claim the subjects of another.
   */
  private async provisioned(tx: EntityManager, subject: string): Promise<User | null> {
    if ((await this.providers.list()).length !== 1) return null;
    return tx.findOneBy(User, { origin: 'scim', externalId: subject, issuer: IsNull() });
  }

  /** The claimed name, unless somebody else bears it: a name from outside is never a way into an account of ours. */
  private async freeName(tx: EntityManager, provider: Provider, claims: oidc.IDToken): Promise<string> {
    const wanted = [provider.nameClaim ?? 'preferred_username', 'email', 'sub']
      .map((claim) => textIn(claims, claim))
      .find((name) => name !== undefined && NAME.test(name));
    const name = wanted ?? `user-${digest(claims.sub).toString('hex').slice(0, 12)}`;
    if (!(await tx.existsBy(User, { name: name.toLowerCase() }))) return name;
    return `${name.slice(0, 150)}-${digest(`${claims.iss} ${claims.sub}`).toString('hex').slice(0, 12)}`;
  }

  private async client(provider: Provider): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = provider;
    const id = createHash('sha256')
      .update(JSON.stringify([issuer, clientId, clientSecret]))
      .digest('hex');
    const known = this.discovered.get(id);
    if (known && Date.now() - known.at < DISCOVERY_FRESH_MS) return known.client;
    try {
      const client = await oidc.discovery(
        new URL(issuer),
        clientId,
        clientSecret === undefined ? { token_endpoint_auth_method: 'none' } : clientSecret,
        clientSecret === undefined ? oidc.None() : undefined,
        {
          timeout: PROVIDER_TIMEOUT_S,
          execute: isLoopback(issuer) ? [oidc.allowInsecureRequests] : [],
          [oidc.customFetch]: providerFetch(this.guard),
        },
      );
      this.discovered.clear(); // one is what most have, and a changed secret leaves none behind
      this.discovered.set(id, { client, at: Date.now() });
      return client;
    } catch (cause) {
      this.logger.warn({ provider: provider.name, err: cause }, 'An identity provider cannot be discovered.');
      throw new Unavailable('login.provider_away', `The identity provider "${provider.name}" cannot be discovered.`, {
        cause,
      });
    }
  }

  private async refused(why: string): Promise<Unauthenticated> {
    await this.refusals.record({
      action: 'session.begin',
      target: 'User',
      reason: `provider: ${why}`.slice(0, 500),
    });
    return new Unauthenticated('login.provider', `The login at the identity provider did not succeed: ${why}.`);
  }

  private redirectUri(name: string): string {
    return `${this.config.publicUrl.replace(/\/$/, '')}/v1/login/oidc/${name}/callback`;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function textIn(claims: oidc.IDToken, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

/** The groups that a claim's values are mapped to; a claim is one text or a list of them. */
export function groupsOf({ groupsClaim, groups = [] }: Provider, claims: Readonly<Record<string, unknown>>): string[] {
  if (groupsClaim === undefined) return [];
  const values = new Set([Object.hasOwn(claims, groupsClaim) ? claims[groupsClaim] : []].flat());
  return groups.filter(({ value }) => values.has(value)).map(({ group }) => group);
}
