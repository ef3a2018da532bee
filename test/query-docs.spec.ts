import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { SavedAnswer } from '#libs/contracts/saved-queries';
import { applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { ROOT } from './support/paths';

const DOCS = readFileSync(join(ROOT, 'docs', 'query.md'), 'utf8');
const EVENTS = 7_200;
const BATCH = 1_200;
const PROJECT = '/v1/projects/default';

interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** The examples of the page: what is asked, and what it says the answer is. */
const examples = [...DOCS.matchAll(/```json (question|statement)\n([\s\S]*?)```\s+```json answer\n([\s\S]*?)```/g)].map(
  ([, kind = '', asked = '', answer = '']) => ({
    kind,
    asked: JSON.parse(asked) as object,
    answer: JSON.parse(answer) as Answer, // the page is ours
  }),
);

describe('docs/query.md', () => {
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await applyMetrics(chartly.api);
    for (let at = 0; at < EVENTS; at += BATCH) {
      const body = ndjson(Array.from({ length: BATCH }, (_, offset) => eventAt(at + offset)));
      await chartly.api.ok(`${PROJECT}/pipelines/metrics/events`, { body, type: 'application/x-ndjson' });
    }
    await settledLedger(chartly.api, 'metrics');
  });
  afterAll(() => chartly.end());

  it('has examples of everything', () => expect(examples.length).toBeGreaterThan(8));

  it.each(examples.map((one) => [JSON.stringify(one.asked).slice(0, 120), one] as const))(
    'answers %s as the page says',
    async (_, { kind, asked, answer }) => {
      const route = kind === 'question' ? 'query' : 'sql';
      const reply = await chartly.api.json<QueryReply>(`${PROJECT}/${route}`, asked);
      expect({ columns: reply.columns.map(({ name }) => name), rows: reply.rows }).toEqual(answer);
    },
  );

  it('answers in the form that the caller accepts', async () => {
    const ask = async (accept: string): Promise<{ type: string | null; text: string; served: string | null }> => {
      const response = await fetch(new URL(`${PROJECT}/query`, chartly.api.url), {
        method: 'POST',
        body: JSON.stringify({ dataset: 'metrics', columns: ['id', 'host'], limit: 2 }),
        headers: {
          authorization: `Bearer ${await chartly.api.localToken()}`,
          'content-type': 'application/json',
          accept,
        },
      });
      const { headers } = response;
      return {
        type: headers.get('content-type'),
        text: await response.text(),
        served: headers.get('chartly-served-by'),
      };
    };
    expect(await ask('text/csv')).toEqual({
      type: 'text/csv; charset=utf-8',
      text: 'id,host\r\ne-0,host-0\r\ne-1,host-1\r\n',
      served: 'dataset/metrics',
    });
    expect((await ask('application/x-ndjson')).text).toBe(
      '{"id":"e-0","host":"host-0"}\n{"id":"e-1","host":"host-1"}\n',
    );
    expect((await ask('application/vnd.apache.arrow.stream')).type).toBe('application/vnd.apache.arrow.stream');
  });

  it('keeps the saved query of the page, and answers 304 while nothing changed', async () => {
    const [, definition = ''] = /```json saved\n([\s\S]*?)```/.exec(DOCS) ?? [];
    await chartly.api.ok(`${PROJECT}/queries/by-host`, { method: 'PUT', body: definition, type: 'application/json' });
    const path = `${PROJECT}/queries/by-host?host=host-1`;
    const first = await chartly.api.send<SavedAnswer>(path);
    expect(first.body.rows).toEqual([
      ['2026-01-01T00:00:00.000Z', 900],
      ['2026-01-01T01:00:00.000Z', 900],
    ]);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await chartly.api.send(path, { headers })).status).toBe(304);
    expect((await chartly.api.send(`${PROJECT}/queries/by-host?host=host-2`, { headers })).status).toBe(200);
    expect((await chartly.api.send(`${PROJECT}/queries/by-host?guest=1&host=a`)).status).toBe(400);
  });
});
