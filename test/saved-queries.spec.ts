import { CreatedKey } from '#libs/contracts/auth.contract';
import { SavedAnswer } from '#libs/contracts/saved-queries';
import { applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const PROJECT = '/v1/projects/default';
const QUESTION = { query: { dataset: 'metrics', dimensions: ['host'], measures: { n: 'count()' } } };

describe('a key for one saved query', () => {
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
    const body = ndjson(Array.from({ length: 8 }, (_, at) => eventAt(at)));
    await chartly.api.ok(`${PROJECT}/pipelines/metrics/events`, { body, type: 'application/x-ndjson' });
    await settledLedger(chartly.api, 'metrics');
    for (const name of ['by_host', 'secret']) {
      await chartly.api.json(`${PROJECT}/queries/${name}`, QUESTION, { method: 'PUT' });
    }
  });
  afterAll(() => chartly.end());

  it('answers that query with its data, and nothing else of the project', async () => {
    const { api } = chartly;
    const role = { rules: [{ permissions: ['queries:read'], names: ['by_host'] }] };
    await api.json(`${PROJECT}/roles/one-query`, role, { method: 'PUT' });
    await api.json(`${PROJECT}/service-accounts/board`, {}, { method: 'PUT' });
    const binding = { role: 'one-query', subjects: [{ kind: 'account', name: 'default/board' }] };
    await api.json(`${PROJECT}/bindings/board`, binding, { method: 'PUT' });
    const { key } = await api.json<CreatedKey>(`${PROJECT}/service-accounts/board/keys`, { name: 'board' });

    const answer = await until('the key to be known', async () => {
      const { status, body } = await api.send<SavedAnswer>(`${PROJECT}/queries/by_host`, { key });
      return status === 200 ? body : undefined;
    });
    expect(answer.rows).toEqual([0, 1, 2, 3].map((host) => [`host-${host}`, 2]));
    const refused = [
      ['GET', `${PROJECT}/queries/secret`],
      ['GET', `${PROJECT}/datasets/metrics/rows`],
      ['GET', `${PROJECT}/datasets/metrics/export`],
      ['POST', `${PROJECT}/query`, JSON.stringify(QUESTION.query)],
      ['POST', `${PROJECT}/sql`, '{"sql":"SELECT * FROM metrics"}'],
      ['PUT', `${PROJECT}/queries/by_host`, JSON.stringify({ ...QUESTION, description: 'mine' })],
    ] as const;
    for (const [method, path, body] of refused) {
      const { status } = await api.send(path, { method, key, ...(body ? { body, type: 'application/json' } : {}) });
      expect([path, status]).toEqual([path, 403]);
    }
  });
});
