import { Root } from 'protobufjs/light';

/**
 * Prometheus remote write 1.0 (prometheus.io/docs/specs/prw/remote_write_spec) with the fields of exemplars, metadata and
 * native histograms that its senders add (prometheus/prompb/types.proto).
 */
export const WRITE_REQUEST = Root.fromJSON({
  nested: {
    WriteRequest: {
      fields: {
        timeseries: { rule: 'repeated', type: 'TimeSeries', id: 1 },
        metadata: { rule: 'repeated', type: 'MetricMetadata', id: 3 },
      },
    },
    TimeSeries: {
      fields: {
        labels: { rule: 'repeated', type: 'Label', id: 1 },
        samples: { rule: 'repeated', type: 'Sample', id: 2 },
        histograms: { rule: 'repeated', type: 'Histogram', id: 4 },
      },
    },
    Label: { fields: { name: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Sample: { fields: { value: { type: 'double', id: 1 }, timestamp: { type: 'int64', id: 2 } } },
    MetricMetadata: { fields: { metricFamilyName: { type: 'string', id: 2 } } },
    BucketSpan: { fields: { offset: { type: 'sint32', id: 1 }, length: { type: 'uint32', id: 2 } } },
    Histogram: {
      oneofs: {
        count: { oneof: ['countInt', 'countFloat'] },
        zeroCount: { oneof: ['zeroCountInt', 'zeroCountFloat'] },
      },
      fields: {
        countInt: { type: 'uint64', id: 1 },
        countFloat: { type: 'double', id: 2 },
        sum: { type: 'double', id: 3 },
        schema: { type: 'sint32', id: 4 },
        zeroThreshold: { type: 'double', id: 5 },
        zeroCountInt: { type: 'uint64', id: 6 },
        zeroCountFloat: { type: 'double', id: 7 },
        negativeSpans: { rule: 'repeated', type: 'BucketSpan', id: 8 },
        negativeDeltas: { rule: 'repeated', type: 'sint64', id: 9 },
        negativeCounts: { rule: 'repeated', type: 'double', id: 10 },
        positiveSpans: { rule: 'repeated', type: 'BucketSpan', id: 11 },
        positiveDeltas: { rule: 'repeated', type: 'sint64', id: 12 },
        positiveCounts: { rule: 'repeated', type: 'double', id: 13 },
        timestamp: { type: 'int64', id: 15 },
      },
    },
  },
}).lookupType('WriteRequest');
