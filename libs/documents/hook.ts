import { Problem } from './document-problems';

export const HOOK_SCHEMES = ['standard', 'github', 'stripe', 'hmac'] as const;
export type HookScheme = (typeof HOOK_SCHEMES)[number];

/** How whoever calls the pipeline's hook proves that it may. */
export interface Hook {
  /** `standard` is Standard Webhooks (standardwebhooks.com); `hmac` is what `signature` says. */
  readonly scheme: HookScheme;
  /** References to secrets; several while one takes the place of another. */
  readonly secrets: readonly string[];
  readonly signature?: HmacSignature;
}

export interface HmacSignature {
  /** The header that carries the signature: HMAC-SHA-256. */
  readonly header: string;
  /** What stands before it in the header, as `sha256=`. */
  readonly prefix?: string;
  readonly encoding?: 'hex' | 'base64';
  /** The header that carries the Unix time in seconds, where one is signed. */
  readonly timestamp?: string;
  /** What is signed, with `{timestamp}` and `{body}` in it; `{body}` alone when left out. */
  readonly signed?: string;
}

/** What no schema can say of a hook. */
export function hookProblems({ scheme, signature }: Hook): Problem[] {
  const path = 'spec.hook.signature';
  if (scheme !== 'hmac') return signature ? [{ path, message: `does not go with the scheme ${scheme}` }] : [];
  if (!signature) return [{ path, message: 'says how the scheme hmac signs, and is missing' }];
  const { signed = '{body}', timestamp } = signature;
  const at = `${path}.signed`;
  if (signed.split('{body}').length !== 2) return [{ path: at, message: 'names {body} once' }];
  if (signed.includes('{timestamp}') !== (timestamp !== undefined)) {
    return [{ path: at, message: 'names {timestamp} exactly when "timestamp" names its header' }];
  }
  return [];
}
