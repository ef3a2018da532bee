import { Problem } from './document-problems';

/** Recorded records and what must become of them; run by `chartly test`, without the source. */
export interface PipelineTest {
  readonly name?: string;
  /** A file of records, beside the document: its ending names the format, as `.json`, `.ndjson`, `.csv`, `.xml`. */
  readonly given: string;
  /** What is named must be so; what is left out may be as it likes. */
  readonly expect: {
    /** Rows that would be offered to the store. */
    readonly stored?: number;
    readonly quarantined?: number;
    readonly filtered?: number;
  };
}

const FORMATS = { json: 'json', ndjson: 'ndjson', jsonl: 'ndjson', csv: 'csv', xml: 'xml' } as const;
export type FixtureFormat = (typeof FORMATS)[keyof typeof FORMATS];

/** The format of a file of records by its ending; undefined for one that names none. */
export function fixtureFormat(file: string): FixtureFormat | undefined {
  const ending = /\.([a-z]+)$/.exec(file)?.[1] ?? '';
  return Object.hasOwn(FORMATS, ending) ? FORMATS[ending as keyof typeof FORMATS] : undefined; // just looked up
}

/** What no schema can say of a test. */
export function testProblems({ given }: PipelineTest, at: number): Problem[] {
  if (fixtureFormat(given) !== undefined) return [];
  const known = Object.keys(FORMATS).join(', ');
  return [{ path: `spec.tests[${at}].given`, message: `"${given}" names no format: end it with one of ${known}` }];
}
