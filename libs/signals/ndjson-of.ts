/** Records as NDJSON, one a line. */
export const ndjsonOf = (records: readonly object[]): Buffer =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
