import { Injectable } from '@nestjs/common';
import { HttpAuth, HttpSource } from '#libs/documents/sources/http';
import { OAuthTokens } from './oauth-tokens';
import { HttpRequest } from './request';

/** A request with what tells who asks; the credentials are for the origin of its URL alone. */
export interface Credentialed {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** Tells a source who asks, in the way that it wants. */
@Injectable()
export class Credentials {
  constructor(private readonly tokens: OAuthTokens) {}

  async of({ auth }: HttpSource, { url, own }: HttpRequest, signal: AbortSignal): Promise<Credentialed> {
    if (auth?.apiKey?.query !== undefined) {
      const withKey = new URL(url);
      withKey.searchParams.set(auth.apiKey.query, auth.apiKey.value);
      return { url: withKey.href, credentials: own };
    }
    return { url, credentials: { ...own, ...(auth ? await this.headersOf(auth, signal) : {}) } };
  }

  /** The source refused who asked: true when another token may do better. */
  refused({ auth }: HttpSource): boolean {
    return auth?.oauth2 !== undefined && this.tokens.forget(auth.oauth2);
  }

  tokensOf({ auth }: HttpSource): readonly string[] {
    return auth?.oauth2 ? this.tokens.known(auth.oauth2) : [];
  }

  private async headersOf(auth: HttpAuth, signal: AbortSignal): Promise<Record<string, string>> {
    const { basic, bearer, apiKey, headers = {}, oauth2 } = auth;
    if (basic) return { authorization: `Basic ${base64(`${basic.username}:${basic.password}`)}` };
    if (bearer) return { authorization: `Bearer ${bearer.token}` };
    if (oauth2) return { authorization: `Bearer ${await this.tokens.token(oauth2, signal)}` };
    return apiKey?.header === undefined ? { ...headers } : { [apiKey.header]: apiKey.value };
  }
}

/** Whether a URL leads to where the source is, scheme and port included. Templates stand behind the origin. */
export const sameOrigin = ({ url }: HttpSource, other: string): boolean =>
  new URL(url.replace(/\$\{[^}]*\}/g, '0')).origin === new URL(other).origin;

const base64 = (text: string): string => Buffer.from(text).toString('base64');
