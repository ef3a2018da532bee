import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { OAuth2 } from '#libs/documents/sources/http';
import { Unavailable, Unprocessable } from '#libs/errors/errors';
import { EgressGuard, EgressRequest } from '#libs/egress/egress-guard';
import { digest } from './http-state';

interface Token {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly validUntil: number;
}

/** A token whose lifetime the server does not tell is used for this long. */
const LIFETIME_S = 300;
/** So much of its lifetime is left unused, for what is under way. */
const MARGIN = 0.1;
const TOKENS_MAX = 1_000;

/** Access tokens by client credentials (RFC 6749 §4.4), kept in memory until shortly before they run out. */
@Injectable()
export class OAuthTokens {
  private readonly kept = new Map<string, Token>();
  private readonly asking = new Map<string, Promise<Token>>();

  constructor(
    private readonly guard: EgressGuard,
    private readonly clock: Clock,
  ) {}

  /** Those that need the same token at once ask once. Throws Unprocessable `pull.auth`, Unavailable `pull.token`. */
  async token(client: OAuth2, signal: AbortSignal): Promise<string> {
    const id = digest(client);
    const known = this.kept.get(id);
    if (known && this.clock.now().getTime() < known.validUntil) return known.value;
    let asking = this.asking.get(id);
    if (!asking) {
      asking = this.ask(client, signal).finally(() => this.asking.delete(id));
      this.asking.set(id, asking);
    }
    const token = await asking;
    if (this.kept.size >= TOKENS_MAX) this.kept.clear();
    this.kept.set(id, token);
    return token.value;
  }

  /** A source refused the token; true when there was one to forget. */
  forget(client: OAuth2): boolean {
    return this.kept.delete(digest(client));
  }

  /** The token that a client has, without asking for one. */
  known(client: OAuth2): readonly string[] {
    const token = this.kept.get(digest(client));
    return token ? [token.value] : [];
  }

  private async ask(client: OAuth2, signal: AbortSignal): Promise<Token> {
    const answer = await this.guard.fetch(client.tokenUrl, { ...requestOf(client), signal });
    const { host } = new URL(client.tokenUrl);
    const told = parsed(answer.body);
    if (answer.status === 429 || answer.status >= 500) {
      throw new Unavailable('pull.token', `The token server ${host} answered ${answer.status}.`);
    }
    if (answer.status !== 200 || typeof told.access_token !== 'string') {
      const reason = typeof told.error === 'string' ? told.error.slice(0, 100) : `status ${answer.status}`;
      throw new Unprocessable(
        'pull.auth',
        `The token server ${host} gave no token (${reason}): check client, secret and scope of the source's oauth2.`,
      );
    }
    if (typeof told.token_type === 'string' && told.token_type.toLowerCase() !== 'bearer') {
      throw new Unprocessable(
        'pull.auth',
        `The token server ${host} gives tokens of the type "${told.token_type.slice(0, 50)}"; bearer is known.`,
      );
    }
    const lifetimeS = Number(told.expires_in ?? LIFETIME_S);
    const usableMs = Math.max(0, Number.isFinite(lifetimeS) ? lifetimeS : LIFETIME_S) * 1_000 * (1 - MARGIN);
    return { value: told.access_token, validUntil: this.clock.now().getTime() + usableMs };
  }
}

/** RFC 6749 §2.3.1: the client tells who it is by Basic, both halves form-encoded, or in the body. */
function requestOf({ clientId, clientSecret, scope, params, clientAuth = 'basic' }: OAuth2): EgressRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}), ...params });
  if (clientAuth === 'body') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64');
  return {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    credentials: clientAuth === 'basic' ? { authorization: `Basic ${basic}` } : {},
    body: form.toString(),
  };
}

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const told: unknown = JSON.parse(body.toString('utf8'));
    return typeof told === 'object' && told !== null ? (told as Readonly<Record<string, unknown>>) : {}; // an object is a record
  } catch {
    return {};
  }
}
