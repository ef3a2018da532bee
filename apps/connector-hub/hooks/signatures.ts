import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { HmacSignature, Hook } from '#libs/documents/hook';
import { Unauthenticated } from '#libs/errors/errors';

/** Rule 29: how far the time that was signed may lie from ours, either way. Unit: seconds. */
const TOLERANCE_SECONDS = 300;
const ID = /^[\x21-\x7e]{1,200}$/;
/** A sender that rotates its secret signs with both for a while. */
const CANDIDATES_MAX = 10;

export interface SignedCall {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a scheme says of a call: what was signed, and by which signatures. */
interface Claim {
  /** The same for a call that is sent again, and covered by the signature. */
  readonly id: string;
  readonly signed: readonly Uint8Array[];
  readonly candidates: readonly Buffer[];
  readonly keyOf: (secret: string) => Buffer;
}

/**
 * The id of a genuine call: signed over its raw bytes with one of the secrets and, where the scheme signs a time, within
 * five minutes of `now`. Signatures are compared in constant time. Throws Unauthenticated `hook.refused` (one sentence,
 * whatever is wrong) and `hook.stale`. An id comes again when the call does: whoever takes it must keep it.
 */
export function verify(hook: Hook, secrets: readonly string[], call: SignedCall, now: Date): string {
  const claim = claimOf(hook, call, now);
  let genuine = false;
  for (const secret of secrets) {
    const hmac = createHmac('sha256', claim.keyOf(secret));
    for (const part of claim.signed) hmac.update(part);
    const expected = hmac.digest();
    for (const candidate of claim.candidates.slice(0, CANDIDATES_MAX)) {
      if (candidate.length === expected.length && timingSafeEqual(candidate, expected)) genuine = true;
    }
  }
  if (!genuine) throw hookRefused();
  return claim.id;
}

export const hookRefused = (): Unauthenticated =>
  new Unauthenticated(
    'hook.refused',
    'There is no such hook, or the call is not signed as its pipeline says. Check the hook section of the pipeline and the secret.',
  );

function claimOf(hook: Hook, call: SignedCall, now: Date): Claim {
  switch (hook.scheme) {
    case 'standard':
      return standardClaim(call, now);
    case 'github':
      return hmacClaim(GITHUB, call, now);
    case 'stripe':
      return stripeClaim(call, now);
    case 'hmac':
      return hmacClaim(hook.signature ?? GITHUB, call, now); // its document was checked: a signature is there
  }
}

/** standardwebhooks.com: `id.timestamp.body`, signatures `v1,BASE64` apart by spaces, secrets `whsec_BASE64`. */
function standardClaim({ headers, body }: SignedCall, now: Date): Claim {
  const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': signatures = '' } = headers;
  if (!ID.test(id)) throw hookRefused();
  expectRecent(time, now);
  return {
    id,
    signed: [Buffer.from(`${id}.${time}.`), body],
    candidates: signatures
      .split(' ')
      .filter((one) => one.startsWith('v1,'))
      .map((one) => Buffer.from(one.slice('v1,'.length), 'base64')),
    keyOf: (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
  };
}

const GITHUB: HmacSignature = { header: 'x-hub-signature-256', prefix: 'sha256=' };

/** `t=TIME,v1=HEX[,v1=HEX]` over `TIME.body`. */
function stripeClaim({ headers, body }: SignedCall, now: Date): Claim {
  const pairs = (headers['stripe-signature'] ?? '').split(',').map((pair) => pair.trim().split('='));
  const time = pairs.find(([name]) => name === 't')?.[1] ?? '';
  expectRecent(time, now);
  return {
    id: digestOf(body),
    signed: [Buffer.from(`${time}.`), body],
    candidates: pairs.filter(([name]) => name === 'v1').map(([, hex = '']) => Buffer.from(hex, 'hex')),
    keyOf: (secret) => Buffer.from(secret),
  };
}

function hmacClaim(
  { header, prefix = '', encoding = 'hex', timestamp, signed = '{body}' }: HmacSignature,
  { headers, body }: SignedCall,
  now: Date,
): Claim {
  const time = timestamp === undefined ? '' : (headers[timestamp] ?? '');
  if (timestamp !== undefined) expectRecent(time, now);
  const value = headers[header] ?? '';
  const [before = '', behind = ''] = signed.split('{body}').map((text) => text.replaceAll('{timestamp}', time));
  return {
    id: digestOf(body),
    signed: [Buffer.from(before), body, Buffer.from(behind)],
    candidates: value.startsWith(prefix) ? [Buffer.from(value.slice(prefix.length), encoding)] : [],
    keyOf: (secret) => Buffer.from(secret),
  };
}

function expectRecent(seconds: string, now: Date): void {
  if (!/^\d{1,12}$/.test(seconds)) throw hookRefused();
  if (Math.abs(now.getTime() / 1_000 - Number(seconds)) <= TOLERANCE_SECONDS) return;
  throw new Unauthenticated(
    'hook.stale',
    `The call was signed more than ${TOLERANCE_SECONDS} s from now. Check the sender's clock, or send it anew.`,
  );
}

/** Where a scheme signs no id, the body is its own: the headers beside it could be anything. */
const digestOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
