import { OutputBudget } from './output-budget';

/** Records as NDJSON, one a line. Throws PayloadTooLarge `events.too_large` at the line that passes `maxBytes`. */
export function ndjsonOf(records: readonly object[], maxBytes: number): Buffer {
  const budget = new OutputBudget(maxBytes);
  const lines: Buffer[] = [];
  for (const record of records) {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    budget.take(line.length);
    lines.push(line);
  }
  return Buffer.concat(lines);
}
