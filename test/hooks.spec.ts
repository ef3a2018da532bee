import { Webhook } from 'standardwebhooks';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { Problem } from '#libs/errors/problem';
import { settledLedger } from './scenarios/pushed-events';
import { Answer } from './support/api';
import { ChartlyUnderTest } from './support/chartly';

const SECRET = `whsec_${Buffer.from('a key of some length').toString('base64')}`;
const HOOKED = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: orders, project: default }
spec:
  hook: { scheme: standard, secrets: ["\${secret.orders-hook}"] }
  steps:
    - map: { id: raw.id, time: timestamp(raw.time), amount: double(raw.amount) }
  store:
    dataset: orders
    time: time
    key: [id]
    columns: { id: string, time: timestamp, amount: double }
`;

describe('a webhook', () => {
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    const secret = { body: JSON.stringify({ provider: 'own', value: SECRET }), type: 'application/json' };
    await chartly.api.ok('/v1/projects/default/secrets/orders-hook', { method: 'PUT', ...secret });
    await chartly.api.ok('/v1/projects/default/apply', { body: HOOKED, type: 'application/yaml' });
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

  it('that cannot be framed is refused with the reason', async () => {
    expect(await call('msg_4', '{"id":')).toMatchObject({ status: 400, body: { code: 'events.malformed' } });
  });
});
