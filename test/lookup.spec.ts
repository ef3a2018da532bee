import { Plan } from '#libs/contracts/orchestrator.contract';
import { Problem } from '#libs/errors/problem';
import { settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';

const SHOPS = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: shops, project: default }
spec:
  steps:
    - map: { id: int(raw.id), name: raw.name, city: raw.city, at: timestamp_ms(raw.at) }
  store:
    dataset: shops
    time: at
    key: [id]
    mode: merge
    version: at
    columns: { id: int, name: string, city: string?, at: timestamp }
`;

const orders = (dataset: string, by = 'id', member = 'name'): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: orders, project: default }
spec:
  steps:
    - map: { id: raw.id, at: timestamp_ms(raw.at) }
    - lookup: { key: raw.shop, dataset: ${dataset}, by: ${by}, set: { shop: ${member}, city: city } }
  store:
    dataset: orders
    time: at
    key: [id]
    columns: { id: string, at: timestamp, shop: string?, city: string? }
`;

describe('a lookup in a dataset', () => {
  let chartly: ChartlyUnderTest;
  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
  });
  afterAll(() => chartly.end());

  const send = (path: string, body: string) =>
    chartly.api.send<Plan & Problem>(`/v1/projects/default/${path}`, { body, type: 'application/yaml' });
  const apply = async (body: string): Promise<void> => {
    const { status, body: answer } = await send('apply', body);
    expect([status, status === 200 ? '' : answer]).toEqual([200, '']);
  };
  const push = async (pipeline: string, ...records: readonly object[]): Promise<void> => {
    const body = records.map((record) => JSON.stringify(record)).join('\n');
    const path = `/v1/projects/default/pipelines/${pipeline}/events`;
    await chartly.api.ok(path, { body, type: 'application/x-ndjson' });
    await settledLedger(chartly.api, pipeline);
  };
  const stored = async (id: string): Promise<unknown> => {
    const { columns, rows } = await chartly.api.json<{ columns: { name: string }[]; rows: unknown[][] }>(
      '/v1/projects/default/datasets/orders/find',
      { key: { id }, limit: 1 },
    );
    const row = Object.fromEntries(columns.map(({ name }, at) => [name, rows[0]?.[at]]));
    return [row.shop, row.city];
  };

  it('finds rows as they were when the version was applied, until it is applied again', async () => {
    await apply(SHOPS);
    await push(
      'shops',
      { id: 1, name: 'Nord', city: 'Kiel', at: 1_000 },
      { id: 2, name: 'Süd', city: null, at: 1_000 },
    );
    const { body: plan } = await send('plan', orders('shops'));
    expect(plan.documents[0]?.effects).toContain('looks up in the 2 rows that dataset shops has now');
    await apply(orders('shops'));
    await push('orders', { id: 'a', at: 1, shop: 1 }, { id: 'b', at: 2, shop: '2' }, { id: 'c', at: 3, shop: 3 });
    expect([await stored('a'), await stored('b'), await stored('c')]).toEqual([
      ['Nord', 'Kiel'],
      ['Süd', null],
      [null, null],
    ]);
    await push('shops', { id: 1, name: 'Nordwest', city: 'Kiel', at: 2_000 });
    await push('orders', { id: 'd', at: 4, shop: 1 });
    expect(await stored('d')).toEqual(['Nord', 'Kiel']);
    const { body: next } = await send('plan', orders('shops'));
    expect(next.documents).toMatchObject([
      { change: 'update', fields: [], effects: ['looks up in the 2 rows that dataset shops has now'] },
    ]);
    await apply(orders('shops'));
    expect((await send('plan', orders('shops'))).body.documents).toMatchObject([{ change: 'unchanged' }]);
    await push('orders', { id: 'e', at: 5, shop: 1 });
    expect(await stored('e')).toEqual(['Nordwest', 'Kiel']);
  });

  it.each([
    ['nowhere', 'id', 'name', 'nowhere'],
    ['shops', 'nr', 'name', 'nr'],
    ['shops', 'id', 'nam', 'nam'],
    ['shops', 'city', 'name', 'several rows with the city "Kiel"'],
  ])('says what is wrong with one: %s by %s, %s', async (dataset, by, member, told) => {
    await push('shops', { id: 3, name: 'Mitte', city: 'Kiel', at: 3_000 });
    const { status, body } = await send('plan', orders(dataset, by, member));
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([
      {
        path: 'Pipeline/orders: spec.steps[1].lookup.dataset',
        message: expect.stringContaining(told) as string,
      },
    ]);
  });

  it('takes a table or a dataset', async () => {
    const { body } = await send('plan', orders('shops').replace('dataset: shops, by: id, ', ''));
    expect(body.errors).toMatchObject([
      { message: expect.stringContaining('takes a table or a dataset, one of the two') as string },
    ]);
  });
});
