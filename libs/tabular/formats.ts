import { BadRequest } from '#libs/errors/errors';
import { arrowOf } from './arrow';
import { csvOf } from './csv';
import { ndjsonOf } from './ndjson';
import { parquetOf } from './parquet';
import { Table } from './table';

interface Format {
  readonly type: string;
  readonly write: (table: Table) => AsyncIterable<string | Uint8Array>;
}

/** How rows travel beside the JSON of an API: by name, media type and how they are written. */
export const TABLE_FORMATS = {
  ndjson: { type: 'application/x-ndjson', write: ndjsonOf },
  csv: { type: 'text/csv; charset=utf-8', write: csvOf },
  arrow: { type: 'application/vnd.apache.arrow.stream', write: arrowOf },
} as const satisfies Record<string, Format>;
export type TableFormat = keyof typeof TABLE_FORMATS;

/** What whole datasets go out as: files that other tools read. */
export const EXPORT_FORMATS = {
  ...TABLE_FORMATS,
  parquet: { type: 'application/vnd.apache.parquet', write: parquetOf },
} as const satisfies Record<string, Format>;
export type ExportFormat = keyof typeof EXPORT_FORMATS;

const RANGE = /^\s*([\w*+.-]+\/[\w*+.-]+)\s*((?:;[^;]*)*)$/;

/**
 * What an `Accept` header asks for: a format of tables, or `json`, which is also what a header without a wish of ours
 * that takes anything means. Throws BadRequest `accept.unknown` when it takes none of them.
 */
export function acceptedFormat(accept: string | undefined): TableFormat | 'json' {
  const wishes = (accept ?? '*/*')
    .split(',')
    .map((text) => {
      const [, type = '', parameters = ''] = RANGE.exec(text) ?? [];
      const q = Number(/;\s*q=([\d.]+)/.exec(parameters)?.[1] ?? 1);
      return { type: type.toLowerCase(), q: Number.isNaN(q) ? 0 : q };
    })
    .filter(({ q }) => q > 0)
    .sort((one, other) => other.q - one.q);
  for (const { type } of wishes) {
    if (type === '*/*' || type === 'application/*' || type === 'application/json') return 'json';
    if (type === 'text/*') return 'csv';
    const found = Object.entries(TABLE_FORMATS).find(([, format]) => format.type.split(';')[0] === type);
    if (found) return found[0] as TableFormat; // its own key
  }
  throw new BadRequest(
    'accept.unknown',
    `Answers come as application/json, ${Object.values(TABLE_FORMATS)
      .map(({ type }) => type.split(';')[0])
      .join(', ')}; "${(accept ?? '').slice(0, 100)}" takes none of them.`,
  );
}
