import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';
import { ProviderView, PutProvider } from '#libs/contracts/auth-logins';
import { EgressGuard } from '#libs/egress/egress-guard';
import { Forbidden, NotFound, Unprocessable } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';
import { Grants } from '../access/grants';
import { SealedValues } from '../sealed/sealed-values';
import { Group } from '../users/group.entity';

type Settings = Omit<PutProvider, 'name' | 'clientSecret'>;

interface Row {
  readonly name: string;
  readonly settings: Settings;
  readonly changedAt: Date;
  readonly changedBy: string;
  readonly hasSecret: boolean;
}

const ROWS = `
  SELECT p.name, p.settings, p.changed_at AS "changedAt", p.changed_by AS "changedBy",
         EXISTS (SELECT FROM auth.sealed_values v WHERE v.id = 'oidc/' || p.name) AS "hasSecret"
    FROM auth.identity_providers p`;

/** Whom a directory made who are bound to something, and have not logged in by a provider yet. */
const PROVISIONED = `
  SELECT u.id
    FROM auth.users u
   WHERE u.origin = 'scim' AND u.external_id IS NOT NULL AND u.issuer IS NULL
     AND EXISTS (SELECT FROM auth.role_bindings b
                  WHERE u.id = ANY(b.subject_ids)
                     OR b.subject_ids && ARRAY(SELECT m.group_id FROM auth.group_members m WHERE m.user_id = u.id))`;

/** Whom a provider put into groups; it says so anew at each login, and none comes after it is gone. */
const LEAVE_GROUPS = `DELETE FROM auth.group_members WHERE origin = 'oidc/' || $1 RETURNING 1`;

/** One change of providers at a time, so that it holds how many there are. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('auth.providers', 0))`;

/** A provider with its client's secret, for a login. */
export interface Provider extends Settings {
  readonly name: string;
  readonly clientSecret?: string;
}

/** The OpenID providers that people may log in by. */
@Injectable()
export class Providers {
  constructor(
    private readonly database: DataSource,
    private readonly sealed: SealedValues,
    private readonly grants: Grants,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly guard: EgressGuard,
  ) {}

  /**
   * Who maps a claim to a group gives others what is bound to it, and must hold that. Another issuer is another provider:
   * whom the one before put into groups is in them no more.
   */
  async put({ name, clientSecret, ...settings }: PutProvider): Promise<ProviderView> {
    requireSafe(settings.issuer);
    await this.requireReachable(settings.issuer);
    if (clientSecret === undefined) await this.requireSameReceiver(name, settings);
    await this.database.transaction(async (tx) => {
      await tx.query(LOCK);
      const before = await tx.query<Row[]>(ROWS);
      for (const { group: named } of settings.groups ?? []) {
        const group = await tx.findOneBy(Group, { name: named });
        if (!group) throw new Unprocessable('provider.group', `There is no group "${named}" to map a claim to.`);
        await this.grants.requireHeldBy(group.id, tx);
      }
      await tx.query(
        `INSERT INTO auth.identity_providers (name, settings, changed_at, changed_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, changed_at = excluded.changed_at,
           changed_by = excluded.changed_by`,
        [name, JSON.stringify(settings), this.clock.now(), currentCall().principal.name],
      );
      const known = before.find((row) => row.name === name)?.settings.issuer;
      if (known !== settings.issuer) {
        await this.requireOverProvisioned(tx);
        await tx.query(LEAVE_GROUPS, [name]);
      }
      if (clientSecret !== undefined) await this.sealed.put(tx, `oidc/${name}`, Buffer.from(clientSecret));
      await this.audit.record(tx, {
        action: 'providers.put',
        target: `IdentityProvider/${name}`,
        outcome: 'succeeded',
        reason: settings.issuer,
      });
    });
    return view(await this.row(name));
  }

  /** Told now and not at somebody's login; one that is away for the moment may be set up all the same. */
  private async requireReachable(issuer: string): Promise<void> {
    const { hostname, port, protocol } = new URL(issuer);
    try {
      await this.guard.checkedAddress(hostname, Number(port || (protocol === 'https:' ? 443 : 80)));
    } catch (thrown) {
      if (thrown instanceof Forbidden) throw new Unprocessable('provider.address', `The issuer ${thrown.message}`);
    }
  }

  /** A kept secret goes to whom it was given for: another issuer would be sent it at the first login. */
  private async requireSameReceiver(name: string, { issuer, clientId }: Omit<PutProvider, 'name'>): Promise<void> {
    const [row] = await this.database.query<Row[]>(`${ROWS} WHERE p.name = $1`, [name]);
    if (!row?.hasSecret || (row.settings.issuer === issuer && row.settings.clientId === clientId)) return;
    throw new Unprocessable(
      'provider.secret',
      'Another issuer or client id takes the client secret again: the one that is kept was given for those before.',
    );
  }

  async list(): Promise<ProviderView[]> {
    return (await this.database.query<Row[]>(`${ROWS} ORDER BY p.name`)).map(view);
  }

  /** Throws NotFound `provider.unknown`. */
  async find(name: string): Promise<Provider> {
    const { settings } = await this.row(name);
    const secret = await this.sealed.get(`oidc/${name}`);
    return { name, ...settings, ...(secret ? { clientSecret: secret.toString() } : {}) };
  }

  /** Takes everybody out of the groups that this provider put them into. */
  async delete(name: string): Promise<void> {
    await this.row(name);
    await this.database.transaction(async (tx) => {
      await tx.query(LOCK);
      await tx.query('DELETE FROM auth.identity_providers WHERE name = $1', [name]);
      await this.requireOverProvisioned(tx);
      await this.sealed.delete(tx, `oidc/${name}`);
      const [left] = await tx.query<[unknown[], number]>(LEAVE_GROUPS, [name]);
      await this.audit.record(tx, {
        action: 'providers.delete',
        target: `IdentityProvider/${name}`,
        outcome: 'succeeded',
        reason: `${left.length} memberships of groups ended`,
      });
    });
  }

  /** The only provider says who the users are whom a directory made; so who chooses it must hold what those do. */
  private async requireOverProvisioned(tx: EntityManager): Promise<void> {
    if ((await tx.query<Row[]>(ROWS)).length !== 1) return;
    for (const { id } of await tx.query<{ id: string }[]>(PROVISIONED)) {
      await this.grants.requireHeldBy(id, tx, 'Nobody chooses the provider of users who hold more than they do');
    }
  }

  private async row(name: string): Promise<Row> {
    const [row] = await this.database.query<Row[]>(`${ROWS} WHERE p.name = $1`, [name]);
    if (!row) throw new NotFound('provider.unknown', `There is no identity provider "${name}".`);
    return row;
  }
}

/** Over plain HTTP anybody on the way could be the provider; on this machine nobody is on the way. */
export const isLoopback = (issuer: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(issuer).hostname);

function requireSafe(issuer: string): void {
  if (issuer.startsWith('https://') || isLoopback(issuer)) return;
  throw new Unprocessable('provider.insecure', `The issuer "${issuer}" is not https.`);
}

const view = ({ name, settings, changedAt, changedBy, hasSecret }: Row): ProviderView => ({
  name,
  issuer: settings.issuer,
  clientId: settings.clientId,
  scopes: settings.scopes ?? ['profile', 'email'],
  ...(settings.nameClaim === undefined ? {} : { nameClaim: settings.nameClaim }),
  ...(settings.groupsClaim === undefined ? {} : { groupsClaim: settings.groupsClaim }),
  groups: settings.groups ?? [],
  client: hasSecret ? 'confidential' : 'public',
  changedAt: changedAt.toISOString(),
  changedBy,
});
