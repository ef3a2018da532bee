import type { CustomFetch, FetchBody } from 'openid-client';
import { EgressGuard } from '#libs/egress/egress-guard';
import { BodyLimits } from '#libs/egress/read-body';

/** A provider answers in small documents, or is away. */
export const PROVIDER_LIMITS: BodyLimits = {
  timeoutMs: 10_000,
  wireMax: 1_048_576,
  decodedMax: 1_048_576,
  ratioMax: 100,
};

const METHODS = { GET: 'GET', POST: 'POST' } as const;

/**
 * How openid-client reaches a provider: by the egress guard, so that whoever names an issuer, and whatever its discovery
 * document names then, reaches nothing inside the network that the operator did not allow. Redirects are not followed: no
 * endpoint of OpenID has one.
 */
export const providerFetch =
  (guard: EgressGuard): CustomFetch =>
  async (url, { method, headers, body, signal }) => {
    const verb = Object.hasOwn(METHODS, method) ? METHODS[method as keyof typeof METHODS] : 'GET'; // which it has
    const {
      status,
      body: bytes,
      headers: told,
    } = await guard.fetch(url, {
      method: verb,
      headers,
      ...(body === undefined || body === null ? {} : { body: textOf(body) }),
      ...(signal ? { signal } : {}),
      follow: false,
    });
    const type = [told['content-type']].flat()[0];
    const hasBody = bytes.length > 0 && status !== 204 && status !== 304;
    return new Response(hasBody ? new Uint8Array(bytes) : null, {
      status,
      headers: type === undefined ? {} : { 'content-type': type },
    });
  };

/** Forms and texts are what a client of OpenID sends. */
function textOf(body: NonNullable<FetchBody>): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('openid-client sends forms alone.');
}
