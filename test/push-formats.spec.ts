import { gzipSync } from 'node:zlib';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { Problem } from '#libs/errors/problem';
import { METRICS_REQUEST } from '#libs/signals/otlp.schema';
import { settledLedger } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';

const PIPELINES = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: readings, project: default }
spec:
  steps:
    - map: { id: raw.id, time: timestamp(raw.time), value: double(raw.value), note: raw.note }
  store:
    dataset: readings
    time: time
    key: [id]
    columns: { id: string, time: timestamp, value: double, note: string }
---
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: orders, project: default }
spec:
  steps:
    - map: { id: raw.id, source: raw.source, time: timestamp(raw.time), amount: double(raw.data.amount) }
  store:
    dataset: orders
    time: time
    key: [source, id]
    columns: { id: string, source: string, time: timestamp, amount: double }
---
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: logs, project: default }
spec:
  steps:
    - map: { id: raw.id, time: timestamp(raw.time), severity: raw.severity, body: string(raw.body) }
  store:
    dataset: logs
    time: time
    key: [id]
    columns: { id: string, time: timestamp, severity: int, body: string }
---
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: points, project: default }
spec:
  steps:
    - map: { series: raw.series, name: raw.name, time: timestamp(raw.time), value: raw.value }
  store:
    dataset: points
    time: time
    key: [series]
    columns: { series: string, name: string, time: timestamp, value: double }
`;
const EVENTS = '/v1/projects/default/pipelines/readings/events';
const ORDERS = '/v1/projects/default/pipelines/orders/events';

describe('what is pushed, in each format', () => {
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    await chartly.api.ok('/v1/projects/default/apply', { body: PIPELINES, type: 'application/yaml' });
  });
  afterAll(() => chartly.end());

  const push = (path: string, body: string | Uint8Array, type: string): Promise<AcceptReceipt> =>
    chartly.api.ok<AcceptReceipt>(path, { body, type });

  async function rowsOf(dataset: string, ...columns: string[]): Promise<unknown> {
    const ask = { dataset, columns, order: [{ by: columns[0], direction: 'asc' }] };
    return (await chartly.api.json<QueryReply>('/v1/projects/default/query', ask)).rows;
  }

  it('becomes rows from NDJSON, JSON, CSV and XML alike', async () => {
    const record = (id: string): object => ({ id, time: '2026-01-01T00:00:00Z', value: 1.5, note: 'a, "b"\nc' });
    const csv = 'id,time,value,note\r\nc1,2026-01-01T00:00:00Z,1.5,"a, ""b""\nc"\r\n';
    const xml =
      '<all><r><id>x1</id><time>2026-01-01T00:00:00Z</time><value>1.5</value><note>a, &quot;b&quot;\nc</note></r></all>';
    const receipts = [
      await push(EVENTS, `\ufeff${JSON.stringify(record('n1'))}\r\n\r\n`, 'application/x-ndjson'),
      await push(EVENTS, JSON.stringify([record('j1'), record('j2')]), 'application/json'),
      await push(EVENTS, JSON.stringify(record('o1')), 'application/json'),
      await push(EVENTS, csv, 'text/csv; header=present'),
      await push(EVENTS, xml, 'application/xml'),
    ];
    expect(receipts.map(({ accepted }) => accepted)).toEqual([1, 2, 1, 1, 1]);
    expect((await settledLedger(chartly.api, 'readings')).records).toMatchObject({ accepted: 6, normalized: 6 });
    expect(await rowsOf('readings', 'id', 'value', 'note')).toEqual(
      ['c1', 'j1', 'j2', 'n1', 'o1', 'x1'].map((id) => [id, 1.5, 'a, "b"\nc']),
    );
  });

  it('becomes rows from CloudEvents in structured, batched and binary mode', async () => {
    const event = (id: string): object => ({
      specversion: '1.0',
      type: 'order.placed',
      source: '/shop',
      id,
      time: '2026-01-01T00:00:00Z',
      data: { amount: 7 },
    });
    await push(ORDERS, JSON.stringify(event('1')), 'application/cloudevents+json; charset=utf-8');
    await push(ORDERS, JSON.stringify([event('2'), event('3')]), 'application/cloudevents-batch+json');
    await push(ORDERS, '[]', 'application/cloudevents-batch+json');
    const headers = {
      'ce-specversion': '1.0',
      'ce-type': 'order.placed',
      'ce-source': '/shop',
      'ce-id': '4',
      'ce-time': '2026-01-01T00:00:00Z',
    };
    await chartly.api.ok(ORDERS, { body: '{"amount":7}', type: 'application/json', headers });
    await push(ORDERS, JSON.stringify([{ ...event('5'), id: undefined }]), 'application/cloudevents-batch+json');
    const { records } = await settledLedger(chartly.api, 'orders');
    expect(records).toMatchObject({ accepted: 5, normalized: 4, quarantined: 1 });
    expect(await rowsOf('orders', 'id', 'source', 'amount')).toEqual(
      ['1', '2', '3', '4'].map((id) => [id, '/shop', 7]),
    );
  });

  it('is refused whole, with the line, when it cannot be framed, and then nothing of it was taken', async () => {
    const refused = async (body: string, type: string, headers = {}): Promise<string> => {
      const answer = await chartly.api.send<Problem>(EVENTS, { body, type, headers });
      expect([answer.status, answer.body.code]).toEqual([400, 'events.malformed']);
      return answer.body.detail;
    };
    const before = (await settledLedger(chartly.api, 'readings')).records;
    expect(await refused('id,time\n1,2\n"3,4\n', 'text/csv')).toMatch(/^Line 3 opens a quote/);
    expect(await refused('<!DOCTYPE a>\n<a><b/></a>', 'text/xml')).toMatch(/^Line 1: a DOCTYPE/);
    expect(await refused('{}', 'application/json', { 'ce-specversion': '1.0' })).toMatch(/header ce-id is missing/);
    expect((await settledLedger(chartly.api, 'readings')).records).toEqual(before);
  });

  it.each([
    'application/json\t; charset=utf-8',
    'application/json ; charset=utf-8',
    'application/json;charset=utf-8;x=1',
    'application/jsonx',
    'text/csv; header=absent',
    'application/x-protobuf; proto=io.prometheus.write.v2.Request',
    'text/plain',
  ])('rule 35: 415 to the content type %j', async (type) => {
    /* fetch would mend the header, so it is written by hand */
    const { status } = await chartly.api.raw('POST', EVENTS, { 'content-type': type }, '{}');
    expect(status).toBe(415);
  });

  it('becomes records from OTLP, by path and by header, as protobuf and as JSON', async () => {
    const log = (text: string): string =>
      JSON.stringify({
        resourceLogs: [
          {
            scopeLogs: [
              { logRecords: [{ timeUnixNano: '1767225600000000000', severityNumber: 9, body: { stringValue: text } }] },
            ],
          },
        ],
      });
    const path = '/v1/projects/default/pipelines/logs/otlp/v1/logs';
    expect(await chartly.api.ok(path, { body: log('a'), type: 'application/json' })).toEqual({});
    expect(await chartly.api.ok(path, { body: log('a'), type: 'application/json' })).toEqual({});
    const byHeader = { 'chartly-project': 'default', 'chartly-pipeline': 'logs' };
    await chartly.api.ok('/v1/otlp/v1/logs', { body: log('b'), type: 'application/json', headers: byHeader });
    expect((await settledLedger(chartly.api, 'logs')).rows).toMatchObject({ produced: 3, stored: 2, duplicate: 1 });
    expect(await rowsOf('logs', 'body', 'severity')).toEqual([
      ['a', 9],
      ['b', 9],
    ]);

    const metrics = METRICS_REQUEST.encode({
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: 'm', sum: { dataPoints: [{ timeUnixNano: 1_767_225_600_000_000, asDouble: 2.5 }] } }] },
          ],
        },
      ],
    }).finish();
    const answer = await chartly.api.send('/v1/projects/default/pipelines/points/otlp/v1/metrics', {
      body: gzipSync(metrics),
      type: 'application/x-protobuf',
      headers: { 'content-encoding': 'gzip' },
    });
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([
      200,
      'application/x-protobuf',
      '',
    ]);
    await settledLedger(chartly.api, 'points');
    expect(await rowsOf('points', 'name', 'value')).toEqual([['m', 2.5]]);
  });

  it('names the header that a request by header lacks', async () => {
    const send = (headers: Readonly<Record<string, string>>): Promise<{ status: number; body: Problem }> =>
      chartly.api.send<Problem>('/v1/otlp/v1/logs', { body: '{}', type: 'application/json', headers });
    expect(await send({})).toMatchObject({ status: 400, body: { code: 'project.missing' } });
    expect(await send({ 'chartly-project': 'default' })).toMatchObject({
      status: 400,
      body: { code: 'pipeline.missing' },
    });
  });
});
