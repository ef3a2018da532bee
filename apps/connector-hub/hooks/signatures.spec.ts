import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { Hook } from '#libs/documents/hook';
import { SignedCall, verify } from './signatures';

const NOW = new Date('2026-01-01T00:00:00Z');
const SECONDS = NOW.getTime() / 1_000;
const SECRET = `whsec_${Buffer.from('a key of some length').toString('base64')}`;
const STANDARD: Hook = { scheme: 'standard', secrets: [] };
const BODY = Buffer.from([0x7b, 0x22, 0xc3, 0xa9, 0x22, 0x3a, 0x31, 0x7d, 0x0a]);

function standardCall(at = SECONDS, secret = SECRET, id = 'msg_1'): SignedCall {
  const signature = new Webhook(secret).sign(id, new Date(at * 1_000), BODY);
  return { headers: { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': signature }, body: BODY };
}

const hmac = (secret: string, ...parts: (string | Uint8Array)[]): ReturnType<typeof createHmac> =>
  parts.reduce<ReturnType<typeof createHmac>>((sum, part) => sum.update(part), createHmac('sha256', secret));

describe('rule 29: a webhook after Standard Webhooks', () => {
  it('is genuine when the reference library signed its raw bytes', () => {
    expect(verify(STANDARD, [SECRET], standardCall(), NOW)).toBe('msg_1');
  });

  it('is genuine with either secret while one takes the place of another, whoever rotates', () => {
    const other = `whsec_${Buffer.from('another key of length').toString('base64')}`;
    expect(verify(STANDARD, [other, SECRET], standardCall(), NOW)).toBe('msg_1');
    const { headers, body } = standardCall();
    const both = `v1a,xx ${standardCall(SECONDS, other).headers['webhook-signature']} ${headers['webhook-signature']}`;
    expect(verify(STANDARD, [SECRET], { headers: { ...headers, 'webhook-signature': both }, body }, NOW)).toBe('msg_1');
  });

  it('is taken within five minutes of its time, either way, and not beyond', () => {
    for (const off of [-300, 0, 300])
      expect(verify(STANDARD, [SECRET], standardCall(SECONDS + off), NOW)).toBe('msg_1');
    for (const off of [-301, 301, -86_400]) {
      expect(() => verify(STANDARD, [SECRET], standardCall(SECONDS + off), NOW)).toThrow(/more than 300 s from now/);
    }
  });

  it.each<[string, (call: SignedCall) => SignedCall]>([
    ['another body', ({ headers }) => ({ headers, body: Buffer.from(`${BODY.toString()} `) })],
    ['another id', ({ headers, body }) => ({ headers: { ...headers, 'webhook-id': 'msg_2' }, body })],
    [
      'another time',
      ({ headers, body }) => ({ headers: { ...headers, 'webhook-timestamp': String(SECONDS + 1) }, body }),
    ],
    ['no signature', ({ headers, body }) => ({ headers: { ...headers, 'webhook-signature': '' }, body })],
    ['half a signature', ({ headers, body }) => ({ headers: { ...headers, 'webhook-signature': 'v1,AAAA' }, body })],
    ['no id', ({ headers, body }) => ({ headers: { ...headers, 'webhook-id': '' }, body })],
    ['a time that is none', ({ headers, body }) => ({ headers: { ...headers, 'webhook-timestamp': '1e9' }, body })],
    ['no header at all', ({ body }) => ({ headers: {}, body })],
  ])('is refused with %s', (_, change) => {
    expect(() => verify(STANDARD, [SECRET], change(standardCall()), NOW)).toThrow(/There is no such hook/);
  });

  it('is refused when there is no secret, or an empty one of another', () => {
    expect(() => verify(STANDARD, [], standardCall(), NOW)).toThrow(/There is no such hook/);
    expect(() => verify(STANDARD, [''], standardCall(), NOW)).toThrow(/There is no such hook/);
  });
});

describe('rule 29: webhooks of other makers', () => {
  it('are checked as GitHub signs, and known again by their body', () => {
    const hook: Hook = { scheme: 'github', secrets: [] };
    const headers = { 'x-hub-signature-256': `sha256=${hmac('s', BODY).digest('hex')}`, 'x-github-delivery': 'any' };
    const id = verify(hook, ['s'], { headers, body: BODY }, NOW);
    expect(verify(hook, ['s'], { headers: { ...headers, 'x-github-delivery': 'other' }, body: BODY }, NOW)).toBe(id);
    expect(() => verify(hook, ['t'], { headers, body: BODY }, NOW)).toThrow(/There is no such hook/);
  });

  it('are checked as Stripe signs: several signatures, and a time', () => {
    const hook: Hook = { scheme: 'stripe', secrets: [] };
    const signature = hmac('s', `${SECONDS}.`, BODY).digest('hex');
    const headers = { 'stripe-signature': `t=${SECONDS},v1=${'00'.repeat(32)},v1=${signature},v0=x` };
    expect(verify(hook, ['s'], { headers, body: BODY }, NOW)).toMatch(/^[0-9a-f]{64}$/);
    expect(() => verify(hook, ['s'], { headers, body: BODY }, new Date(NOW.getTime() + 301_000))).toThrow(/300 s/);
  });

  it('are checked as the document says', () => {
    const hook: Hook = {
      scheme: 'hmac',
      secrets: [],
      signature: {
        header: 'x-slack-signature',
        prefix: 'v0=',
        timestamp: 'x-slack-request-timestamp',
        signed: 'v0:{timestamp}:{body}',
      },
    };
    const headers = {
      'x-slack-signature': `v0=${hmac('s', `v0:${SECONDS}:`, BODY).digest('hex')}`,
      'x-slack-request-timestamp': String(SECONDS),
    };
    expect(verify(hook, ['s'], { headers, body: BODY }, NOW)).toMatch(/^[0-9a-f]{64}$/);
    const { 'x-slack-request-timestamp': _, ...untimed } = headers;
    expect(() => verify(hook, ['s'], { headers: untimed, body: BODY }, NOW)).toThrow(/There is no such hook/);
  });
});
