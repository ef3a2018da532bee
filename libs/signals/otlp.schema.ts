import { IField, Root, Type } from 'protobufjs/light';

const text = (id: number): IField => ({ type: 'string', id });
const many = (type: string, id: number): IField => ({ rule: 'repeated', type, id });
const one = (type: string, id: number): IField => ({ type, id });

/** OTLP 1.x (open-telemetry/opentelemetry-proto), as far as metrics and logs go. */
const ROOT = Root.fromJSON({
  nested: {
    AnyValue: {
      fields: {
        stringValue: text(1),
        boolValue: one('bool', 2),
        intValue: one('int64', 3),
        doubleValue: one('double', 4),
        arrayValue: one('ArrayValue', 5),
        kvlistValue: one('KeyValueList', 6),
        bytesValue: one('bytes', 7),
      },
      oneofs: {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
    },
    ArrayValue: { fields: { values: many('AnyValue', 1) } },
    KeyValueList: { fields: { values: many('KeyValue', 1) } },
    KeyValue: { fields: { key: text(1), value: one('AnyValue', 2) } },
    Scope: { fields: { name: text(1), version: text(2), attributes: many('KeyValue', 3) } },
    Resource: { fields: { attributes: many('KeyValue', 1) } },

    ExportMetricsServiceRequest: { fields: { resourceMetrics: many('ResourceMetrics', 1) } },
    ResourceMetrics: { fields: { resource: one('Resource', 1), scopeMetrics: many('ScopeMetrics', 2) } },
    ScopeMetrics: { fields: { scope: one('Scope', 1), metrics: many('Metric', 2) } },
    Metric: {
      fields: {
        name: text(1),
        description: text(2),
        unit: text(3),
        gauge: one('Gauge', 5),
        sum: one('Sum', 7),
        histogram: one('Histogram', 9),
        exponentialHistogram: one('ExponentialHistogram', 10),
        summary: one('Summary', 11),
      },
      oneofs: { data: { oneof: ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] } },
    },
    Gauge: { fields: { dataPoints: many('NumberDataPoint', 1) } },
    Sum: {
      fields: {
        dataPoints: many('NumberDataPoint', 1),
        aggregationTemporality: one('int32', 2),
        isMonotonic: one('bool', 3),
      },
    },
    Histogram: { fields: { dataPoints: many('HistogramDataPoint', 1), aggregationTemporality: one('int32', 2) } },
    ExponentialHistogram: {
      fields: { dataPoints: many('ExponentialHistogramDataPoint', 1), aggregationTemporality: one('int32', 2) },
    },
    Summary: { fields: { dataPoints: many('SummaryDataPoint', 1) } },
    NumberDataPoint: {
      fields: {
        startTimeUnixNano: one('fixed64', 2),
        timeUnixNano: one('fixed64', 3),
        asDouble: one('double', 4),
        asInt: one('sfixed64', 6),
        attributes: many('KeyValue', 7),
        flags: one('uint32', 8),
      },
      oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
    },
    HistogramDataPoint: {
      fields: {
        startTimeUnixNano: one('fixed64', 2),
        timeUnixNano: one('fixed64', 3),
        count: one('fixed64', 4),
        sum: { type: 'double', id: 5 },
        bucketCounts: many('fixed64', 6),
        explicitBounds: many('double', 7),
        attributes: many('KeyValue', 9),
        flags: one('uint32', 10),
        min: { type: 'double', id: 11 },
        max: { type: 'double', id: 12 },
      },
    },
    Buckets: { fields: { offset: one('sint32', 1), bucketCounts: many('uint64', 2) } },
    ExponentialHistogramDataPoint: {
      fields: {
        attributes: many('KeyValue', 1),
        startTimeUnixNano: one('fixed64', 2),
        timeUnixNano: one('fixed64', 3),
        count: one('fixed64', 4),
        sum: { type: 'double', id: 5 },
        scale: one('sint32', 6),
        zeroCount: one('fixed64', 7),
        positive: one('Buckets', 8),
        negative: one('Buckets', 9),
        flags: one('uint32', 10),
        min: { type: 'double', id: 12 },
        max: { type: 'double', id: 13 },
        zeroThreshold: one('double', 14),
      },
    },
    ValueAtQuantile: { fields: { quantile: one('double', 1), value: one('double', 2) } },
    SummaryDataPoint: {
      fields: {
        startTimeUnixNano: one('fixed64', 2),
        timeUnixNano: one('fixed64', 3),
        count: one('fixed64', 4),
        sum: one('double', 5),
        quantileValues: many('ValueAtQuantile', 6),
        attributes: many('KeyValue', 7),
        flags: one('uint32', 8),
      },
    },

    ExportLogsServiceRequest: { fields: { resourceLogs: many('ResourceLogs', 1) } },
    ResourceLogs: { fields: { resource: one('Resource', 1), scopeLogs: many('ScopeLogs', 2) } },
    ScopeLogs: { fields: { scope: one('Scope', 1), logRecords: many('LogRecord', 2) } },
    LogRecord: {
      fields: {
        timeUnixNano: one('fixed64', 1),
        severityNumber: one('int32', 2),
        severityText: text(3),
        body: one('AnyValue', 5),
        attributes: many('KeyValue', 6),
        droppedAttributesCount: one('uint32', 7),
        flags: one('fixed32', 8),
        traceId: one('bytes', 9),
        spanId: one('bytes', 10),
        observedTimeUnixNano: one('fixed64', 11),
        eventName: text(12),
      },
    },
  },
});

export const METRICS_REQUEST: Type = ROOT.lookupType('ExportMetricsServiceRequest');
export const LOGS_REQUEST: Type = ROOT.lookupType('ExportLogsServiceRequest');
