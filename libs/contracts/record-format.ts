export const RECORD_FORMATS = ['json', 'ndjson', 'csv', 'cloudevents', 'xml'] as const;
/**
 * How records lie in a payload: `json`, one array or one object; `ndjson`, one a line; `csv` (RFC 4180), one a row below
 * a header row; `cloudevents`, one event or one array of events in the JSON format; `xml`, the elements inside the root.
 */
export type RecordFormat = (typeof RECORD_FORMATS)[number];
