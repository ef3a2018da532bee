import { anyValueOf, attributesOf, OtlpOrigin, originOf, resourceOf } from './otlp-attributes';
import { idOf, listOf, OtlpEncoding, otlpMalformed, readOtlp, textOf, Wire, wideOf } from './otlp-request';
import { LOGS_REQUEST } from './otlp.schema';
import { rfc3339FromNanos } from './numbers';
import { jsonBytesOf, OutputBudget } from './output-budget';
import { digestOf } from './series';

/**
 * The log records of an OTLP logs request: `time` (when it happened, or was observed where that is not known), `body`,
 * `severity`, `attributes`, `resource`, `scope`, ids of trace and span. `id` is the same for the same record of the same
 * request, so that a request that is sent again makes no second row. Throws BadRequest `events.malformed`, and
 * PayloadTooLarge `events.too_large` for what would become more than `maxBytes`.
 */
export function logRecordsOf(body: Uint8Array, encoding: OtlpEncoding, maxBytes: number): object[] {
  const budget = new OutputBudget(maxBytes);
  const seen = new Map<string, number>();
  return listOf(readOtlp(LOGS_REQUEST, body, encoding).resourceLogs).flatMap(({ resource, scopeLogs }) => {
    const { attributes, bytes } = resourceOf(resource);
    return listOf(scopeLogs).flatMap(({ scope, logRecords }) => {
      const origin = originOf(attributes, scope);
      const records = listOf(logRecords);
      budget.take(bytes + jsonBytesOf(origin.scope), records.length);
      return records.map((record) => {
        const log = logOf(record, origin);
        const digest = digestOf(log);
        const before = seen.get(digest) ?? 0; // equal lines of one request are told apart by their order
        seen.set(digest, before + 1);
        return { id: before === 0 ? digest : `${digest}-${before}`, ...log };
      });
    });
  });
}

function logOf(record: Wire, origin: OtlpOrigin): object {
  const observed = rfc3339FromNanos(wideOf(record.observedTimeUnixNano));
  const time = rfc3339FromNanos(wideOf(record.timeUnixNano)) ?? observed;
  if (time === undefined) throw otlpMalformed('a log record has neither a time nor an observed time');
  const texts = {
    severity_text: textOf(record.severityText),
    event_name: textOf(record.eventName),
    trace_id: idOf(record.traceId) ?? '',
    span_id: idOf(record.spanId) ?? '',
  };
  return {
    time,
    ...(observed === undefined ? {} : { observed_time: observed }),
    severity: severityOf(record.severityNumber),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')),
    body: record.body === undefined ? null : anyValueOf(record.body),
    attributes: attributesOf(record.attributes),
    ...origin,
  };
}

/** 1 (TRACE) to 24 (FATAL4); 0 when it is not said. JSON may write the name of the number. */
function severityOf(value: unknown): number {
  if (typeof value !== 'string' || /^\d+$/.test(value)) return Number(wideOf(value));
  const [, level = '', step = '1'] = /^SEVERITY_NUMBER_([A-Z]+?)([2-4]?)$/.exec(value) ?? [];
  const at = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].indexOf(level);
  return at < 0 ? 0 : at * 4 + Number(step === '' ? '1' : step);
}
