import { SeverityNumber } from '@opentelemetry/api-logs';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { BadRequest, PayloadTooLarge } from '#libs/errors/errors';
import * as otlpLogs from './otlp-logs';
import * as otlpMetrics from './otlp-metrics';
import { OtlpEncoding } from './otlp-request';
import { LOGS_REQUEST, METRICS_REQUEST } from './otlp.schema';

const MIB = 2 ** 20;
const MAX_BYTES = 32 * MIB;
const metricPointsOf = (body: Uint8Array, encoding: OtlpEncoding) =>
  otlpMetrics.metricPointsOf(body, encoding, MAX_BYTES);
const logRecordsOf = (body: Uint8Array, encoding: OtlpEncoding) => otlpLogs.logRecordsOf(body, encoding, MAX_BYTES);
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const NEW_YEAR = new Date(1_767_225_600_000);
const resource = resourceFromAttributes({ 'service.name': 'shop', replicas: 3 });

/** What the official SDK measured, as it would export it. */
async function exported(): Promise<ResourceMetrics> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const views = [{ instrumentName: 'wide', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM as const } }];
  const provider = new MeterProvider({ resource, readers: [reader], views });
  const meter = provider.getMeter('checkout', '1.2.3');
  meter.createCounter('orders', { unit: '1' }).add(5, { country: 'CH', paid: true });
  meter.createUpDownCounter('open').add(-2);
  meter.createGauge('temperature', { unit: 'Cel' }).record(21.5, { room: 'é' });
  meter.createHistogram('latency', { advice: { explicitBucketBoundaries: [1, 10] } }).record(5);
  meter.createHistogram('wide').record(4);
  await provider.forceFlush();
  const [metrics] = exporter.getMetrics();
  await provider.shutdown();
  return metrics!; // flushed just now
}

describe('OTLP metrics', () => {
  it('reads what the official exporters write, the same from protobuf and from JSON', async () => {
    const metrics = await exported();
    const points = metricPointsOf(ProtobufMetricsSerializer.serializeRequest(metrics)!, 'protobuf');
    const origin = {
      resource: { 'service.name': 'shop', replicas: 3 },
      scope: { name: 'checkout', version: '1.2.3' },
      time: expect.stringMatching(RFC3339),
      start_time: expect.stringMatching(RFC3339),
      series: expect.stringMatching(/^[0-9a-f]{32}$/),
    };
    expect(points).toEqual([
      expect.objectContaining({
        ...origin,
        kind: 'exponential_histogram',
        name: 'wide',
        count: 1,
        sum: 4,
        zero_count: 0,
        positive: { offset: expect.any(Number), counts: [1] },
      }),
      expect.objectContaining({
        ...origin,
        kind: 'sum',
        name: 'orders',
        unit: '1',
        temporality: 'cumulative',
        monotonic: true,
        labels: { country: 'CH', paid: true },
        value: 5,
      }),
      expect.objectContaining({ ...origin, kind: 'sum', name: 'open', monotonic: false, labels: {}, value: -2 }),
      expect.objectContaining({ ...origin, kind: 'gauge', name: 'temperature', labels: { room: 'é' }, value: 21.5 }),
      expect.objectContaining({
        ...origin,
        kind: 'histogram',
        name: 'latency',
        count: 1,
        sum: 5,
        min: 5,
        max: 5,
        bounds: [1, 10],
        buckets: [0, 1, 0],
      }),
    ]);
    expect(metricPointsOf(JsonMetricsSerializer.serializeRequest(metrics)!, 'json')).toEqual(points);
  });

  const requestOf = (metric: object): Buffer =>
    Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] }));
  const gauge = (point: object): Buffer =>
    requestOf({ name: 'g', gauge: { dataPoints: [{ timeUnixNano: '1767225600000000001', ...point }] } });

  it('keeps nanoseconds, whole numbers beyond 2^53, and what JSON has no number for', () => {
    expect(metricPointsOf(gauge({ asInt: '9007199254740993' }), 'json')).toMatchObject([
      { time: '2026-01-01T00:00:00.000000001Z', value: '9007199254740993' },
    ]);
    expect(metricPointsOf(gauge({ asDouble: 'NaN' }), 'json')).toMatchObject([{ value: null, special: 'NaN' }]);
    expect(metricPointsOf(gauge({ asDouble: '-Infinity' }), 'json')).toMatchObject([{ value: null, special: '-Inf' }]);
    expect(metricPointsOf(gauge({ flags: 1 }), 'json')).toMatchObject([{ value: null, special: 'stale' }]);
  });

  it('names a series by its metric, labels and origin, in any order', () => {
    const label = (key: string, value: string): object => ({ key, value: { stringValue: value } });
    const seriesOf = (...attributes: object[]): unknown => metricPointsOf(gauge({ attributes, asInt: 1 }), 'json')[0];
    const one = seriesOf(label('a', '1'), label('b', '2')) as { series: string };
    expect(seriesOf(label('b', '2'), label('a', '1'))).toMatchObject({ series: one.series });
    expect(seriesOf(label('a', '1'), label('b', '3'))).not.toMatchObject({ series: one.series });
  });

  it('reads a summary, and overlooks fields that it does not know', () => {
    const summary = requestOf({
      name: 's',
      newField: 1,
      summary: {
        dataPoints: [
          { timeUnixNano: '1', count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1.5 }, { quantile: 1 }] },
        ],
      },
    });
    expect(metricPointsOf(summary, 'json')).toMatchObject([
      {
        kind: 'summary',
        count: 2,
        sum: 3,
        quantiles: [
          { quantile: 0.5, value: 1.5 },
          { quantile: 1, value: 0 },
        ],
      },
    ]);
  });

  it.each([
    ['no JSON', Buffer.from('{'), 'json'],
    ['another shape', Buffer.from('{"resourceMetrics":{"a":1}}'), 'json'],
    ['a metric without a name', requestOf({ gauge: { dataPoints: [{ timeUnixNano: '1' }] } }), 'json'],
    ['a point without a time', requestOf({ name: 'g', gauge: { dataPoints: [{ asInt: 1 }] } }), 'json'],
    ['a count that is none', gauge({ asInt: '1.5' }), 'json'],
    ['bytes that are no protobuf', Buffer.from([0x0a, 0xff, 0xff]), 'protobuf'],
  ] as const)('refuses %s', (_, body, encoding) => {
    expect(() => metricPointsOf(body, encoding)).toThrow(BadRequest);
    expect(() => metricPointsOf(body, encoding)).toThrow(/is no OTLP request: .*Nothing was taken/);
  });

  it('rule 35: refuses values that nest too deeply', () => {
    let value: object = { stringValue: 'x' };
    for (let depth = 0; depth < 40; depth += 1) value = { arrayValue: { values: [value] } };
    expect(() => metricPointsOf(gauge({ attributes: [{ key: 'a', value }] }), 'json')).toThrow(/nest deeper than 32/);
  });
});

describe('OTLP logs', () => {
  it('reads what the official exporters write, the same from protobuf and from JSON', () => {
    const exporter = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor(exporter)] });
    const logger = provider.getLogger('checkout');
    logger.emit({
      timestamp: new Date('2026-01-01T00:00:00.123Z'),
      severityNumber: SeverityNumber.WARN2,
      severityText: 'WARN',
      body: { order: 7, tags: ['a', null], raw: new Uint8Array([0, 255]) },
      attributes: { user: 'u1', ratio: 0.5 },
    });
    logger.emit({ body: 'twice', timestamp: NEW_YEAR, observedTimestamp: NEW_YEAR });
    logger.emit({ body: 'twice', timestamp: NEW_YEAR, observedTimestamp: NEW_YEAR });
    const records = exporter.getFinishedLogRecords();
    const logs = logRecordsOf(ProtobufLogsSerializer.serializeRequest(records)!, 'protobuf') as { id: string }[];
    expect(logs).toMatchObject([
      {
        time: '2026-01-01T00:00:00.123Z',
        severity: 14,
        severity_text: 'WARN',
        body: { order: 7, tags: ['a', null], raw: 'AP8=' },
        attributes: { user: 'u1', ratio: 0.5 },
        resource: { 'service.name': 'shop', replicas: 3 },
        scope: { name: 'checkout' },
      },
      { time: '2026-01-01T00:00:00Z', severity: 0, body: 'twice' },
      { time: '2026-01-01T00:00:00Z', severity: 0, body: 'twice' },
    ]);
    expect(new Set(logs.map(({ id }) => id)).size).toBe(3);
    expect(logRecordsOf(ProtobufLogsSerializer.serializeRequest(records)!, 'protobuf')).toEqual(logs);
    expect(logRecordsOf(JsonLogsSerializer.serializeRequest(records)!, 'json')).toEqual(logs);
  });

  it('takes the observed time where no other is known, and ids of trace and span', () => {
    const record = {
      observedTimeUnixNano: '1767225600000000000',
      severityNumber: 'SEVERITY_NUMBER_ERROR3',
      traceId: '5B8EFFF798038103D269B633813FC60C',
      spanId: '0000000000000000',
    };
    const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));
    const [log] = logRecordsOf(body, 'json');
    expect(log).toMatchObject({
      time: '2026-01-01T00:00:00Z',
      observed_time: '2026-01-01T00:00:00Z',
      severity: 19,
      trace_id: '5b8efff798038103d269b633813fc60c',
      body: null,
    });
    expect(log).not.toHaveProperty('span_id');
  });
});

describe('OTLP bombs', () => {
  const attributes = Array.from({ length: 20 }, (_, at) => ({
    key: `a${at}`,
    value: { stringValue: 'x'.repeat(60_000) },
  }));
  const wide = { attributes };
  const dataPoints = Array.from({ length: 10_000 }, () => ({ timeUnixNano: 1, asDouble: 1 }));
  const logRecords = Array.from({ length: 10_000 }, () => ({ timeUnixNano: 1 }));
  const metricsOf = (resource: object, metric: object): object => ({
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ gauge: { dataPoints }, ...metric }] }] }],
  });
  const logsOf = (resource: object, scope: object): object => ({
    resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }],
  });
  const manyScopes = {
    resourceMetrics: [{ resource: wide, scopeMetrics: Array.from({ length: 400_000 }, () => ({})) }],
  };
  const long = { attributes: [{ key: 'a', value: { stringValue: 'x'.repeat(MIB) } }] };

  const refusalOf = (read: () => unknown): unknown => {
    const began = performance.now();
    let refusal: unknown;
    try {
      read();
    } catch (thrown) {
      refusal = thrown;
    }
    expect(performance.now() - began).toBeLessThan(3_000);
    return refusal;
  };

  it.each([
    ['a resource that each point repeats', metricsOf(wide, { name: 'g' }), /becomes more than/],
    ['a name that each point repeats', metricsOf({}, { name: 'g'.repeat(MIB) }), /becomes more than/],
    ['an attribute that is too long', metricsOf(long, { name: 'g' }), /more than 65536 characters/],
  ])('refuses %s, soon', (_, request, sentence) => {
    const protobuf = METRICS_REQUEST.encode(METRICS_REQUEST.fromObject(request)).finish();
    for (const refusal of [
      refusalOf(() => metricPointsOf(protobuf, 'protobuf')),
      refusalOf(() => metricPointsOf(Buffer.from(JSON.stringify(request)), 'json')),
    ]) {
      expect(refusal).toBeInstanceOf(PayloadTooLarge);
      expect(refusal).toMatchObject({ message: expect.stringMatching(sentence) });
    }
  });

  it.each([
    ['a resource', logsOf(wide, {})],
    ['a scope', logsOf({}, { name: 's', attributes })],
  ])('refuses %s that each log record repeats, soon', (_, request) => {
    const protobuf = LOGS_REQUEST.encode(LOGS_REQUEST.fromObject(request)).finish();
    expect(refusalOf(() => logRecordsOf(protobuf, 'protobuf'))).toBeInstanceOf(PayloadTooLarge);
    expect(refusalOf(() => logRecordsOf(Buffer.from(JSON.stringify(request)), 'json'))).toBeInstanceOf(PayloadTooLarge);
  });

  it('refuses more values than it would hold, before it decodes them', () => {
    expect(refusalOf(() => metricPointsOf(Buffer.from('0a00'.repeat(16 * MIB), 'hex'), 'protobuf'))).toBeInstanceOf(
      PayloadTooLarge,
    );
    const json = Buffer.from(`{"resourceMetrics":[${'{},'.repeat(10 * MIB)}{}]}`);
    expect(refusalOf(() => metricPointsOf(json, 'json'))).toBeInstanceOf(PayloadTooLarge);
  });

  it('reads a resource once, however many scopes it has', () => {
    const body = METRICS_REQUEST.encode(METRICS_REQUEST.fromObject(manyScopes)).finish();
    expect(refusalOf(() => expect(metricPointsOf(body, 'protobuf')).toEqual([]))).toBeUndefined();
  });
});
