import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { Problem } from '#libs/errors/problem';
import { settledLedger } from './scenarios/pushed-events';
import { Answer } from './support/api';
import { ChartlyUnderTest } from './support/chartly';

const SECRET = `whsec_${Buffer.from('a key of some length').toString('base64')}`;
const hooked = (name: string, hook: string): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: ${name}, project: default }
spec:
  hook: { ${hook}, secrets: ["\${secret.orders-hook}"] }
  steps:
    - map: { id: raw.id, time: timestamp(raw.time), amount: double(raw.amount) }
  store:
    dataset: ${name}
    time: time
    key: [id]
    columns: { id: string, time: timestamp, amount: double }
`;

const hmac = (signed: string): string => createHmac('sha256', SECRET).update(signed).digest('hex');

/** Webhooks of other makers: how the document names them, and the headers of a call that is signed at a time. */
const MAKERS = {
  github: {
    hook: 'scheme: github',
    headersOf: (body: string) => ({ 'x-hub-signature-256': `sha256=${hmac(body)}` }),
  },
  stripe: {
    hook: 'scheme: stripe',
    headersOf: (body: string, at: number) => ({ 'stripe-signature': `t=${at},v1=${hmac(`${at}.${body}`)}` }),
  },
  slack: {
    hook: `scheme: hmac, signature: { header: x-slack-signature, prefix: v0=,
           timestamp: x-slack-request-timestamp, signed: 'v0:{timestamp}:{body}' }`,
    headersOf: (body: string, at: number) => ({
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${hmac(`v0:${at}:${body}`)}`,
    }),
  },
} as const;

describe('a webhook', () => {
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    const secret = { body: JSON.stringify({ provider: 'own', value: SECRET }), type: 'application/json' };
    await chartly.api.ok('/v1/projects/default/secrets/orders-hook', { method: 'PUT', ...secret });
    await chartly.api.ok('/v1/projects/default/apply', {
      body: hooked('orders', 'scheme: standard'),
      type: 'application/yaml',
    });
  });
  afterAll(() => chartly.end());

  const call = (
    id: string,
    body: string,
    secret = SECRET,
    hook = 'default.orders',
  ): Promise<Answer<AcceptReceipt & Problem>> => {
    const at = new Date();
    const signature = new Webhook(secret).sign(id, at, body);
    return chartly.api.send<AcceptReceipt & Problem>(`/v1/hooks/${hook}`, {
      body,
      type: 'application/json',
      key: null,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': signature,
      },
    });
  };
  const order = (id: string): string => JSON.stringify({ id, time: '2026-01-01T00:00:00Z', amount: 1 });

  it('needs no credential but its signature, and becomes rows', async () => {
    const { status, body } = await call('msg_1', order('1'));
    expect([status, body.accepted, body.pipeline]).toEqual([202, 1, 'orders']);
    expect((await settledLedger(chartly.api, 'orders')).records).toMatchObject({ accepted: 1, normalized: 1 });
  });

  it('rule 29: that comes again gets the first receipt, and another body under its id is refused', async () => {
    const first = await call('msg_2', order('2'));
    const again = await call('msg_2', order('2'));
    expect(again.body).toEqual({ ...first.body, repeated: true });
    expect(await call('msg_2', order('3'))).toMatchObject({ status: 422, body: { code: 'idempotency.other_body' } });
    expect((await settledLedger(chartly.api, 'orders')).records).toMatchObject({ accepted: 2 });
  });

  it('is refused alike when its signature is wrong and when there is no such hook', async () => {
    const wrong = await call('msg_3', order('3'), `whsec_${Buffer.from('another key entirely').toString('base64')}`);
    const unknown = await call('msg_3', order('3'), SECRET, 'default.unknown');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body.detail).toBe(unknown.body.detail);
    expect((await settledLedger(chartly.api, 'orders')).records).toMatchObject({ accepted: 2 });
  });

  it.each(Object.entries(MAKERS))('is taken as %s signs it, once, and not under another body', async (maker, how) => {
    const name = `orders_of_${maker}`;
    await chartly.api.ok('/v1/projects/default/apply', { body: hooked(name, how.hook), type: 'application/yaml' });
    const at = Math.floor(Date.now() / 1_000);
    const body = order(maker);
    const deliver = (sent: string, headers: Readonly<Record<string, string>>) =>
      chartly.api.send<AcceptReceipt & Problem>(`/v1/hooks/default.${name}`, {
        body: sent,
        type: 'application/json',
        key: null,
        headers,
      });
    const first = await deliver(body, how.headersOf(body, at));
    expect([first.status, first.body.accepted]).toEqual([202, 1]);
    const again = await deliver(body, how.headersOf(body, at));
    expect(again.body).toEqual({ ...first.body, repeated: true });
    const other = await deliver(order('forged'), how.headersOf(body, at));
    expect([other.status, other.body.code]).toEqual([401, 'hook.refused']);
    if (maker !== 'github') {
      const old = await deliver(order('old'), how.headersOf(order('old'), at - 301));
      expect([old.status, old.body.code]).toEqual([401, 'hook.stale']);
    }
    expect((await settledLedger(chartly.api, name)).records).toMatchObject({ accepted: 1, normalized: 1 });
  });

  it('that cannot be framed is refused with the reason', async () => {
    expect(await call('msg_4', '{"id":')).toMatchObject({ status: 400, body: { code: 'events.malformed' } });
  });
});
