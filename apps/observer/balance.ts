import { PipelineTotals, VersionTotals } from '#libs/contracts/connector-hub.contract';
import { QuarantineTotals } from '#libs/contracts/quarantine';
import { RecordsLine, RowsLine } from '#libs/contracts/observer.contract';
import { DatasetTotals } from '#libs/contracts/storage.contract';

/** What the services say of one pipeline, each in a snapshot of its own. */
export interface Books {
  readonly inbox: PipelineTotals;
  readonly quarantine: QuarantineTotals;
  readonly dataset: DatasetTotals;
  /** Rows that the inboxes of all pipelines of this dataset say were stored, and whether any of these has work pending. */
  readonly feeding: { readonly stored: number; readonly pending: number };
  /** One version's books, or all versions together. */
  readonly version?: number;
}

export interface Balance {
  readonly version: number;
  readonly records: RecordsLine;
  readonly rows: RowsLine;
  readonly problems: string[];
}

const OUTCOME = [
  'normalized',
  'filtered',
  'quarantined',
  'produced',
  'stored',
  'merged',
  'stale',
  'duplicate',
] as const;
type Totals = Pick<VersionTotals, (typeof OUTCOME)[number] | 'accepted' | 'pending' | 'discarded'>;

/**
 * Draws the lines of the ledger and says in sentences what does not balance. The services are asked one after the other
 * while data flows, so what compares two of them is exact only when nothing is pending; until then a later snapshot may
 * be ahead of an earlier one, and never behind.
 */
export function balance({ inbox, quarantine, dataset, feeding, version }: Books): Balance {
  const chosen = inbox.versions.filter((one) => version === undefined || one.version === version);
  const totals = sum(chosen);
  const all = sum(inbox.versions);
  const records: RecordsLine = {
    accepted: totals.accepted,
    normalized: totals.normalized,
    filtered: totals.filtered,
    quarantined: totals.quarantined,
    discarded: totals.discarded,
    pending: totals.pending,
  };
  const { produced, stored, merged, stale, duplicate } = totals;
  const rows: RowsLine = { produced, stored, merged, stale, duplicate };
  const problems = [
    ...recordsProblems(records),
    ...rowsProblems(rows),
    ...datasetProblems(dataset),
    ...quarantineProblems(quarantine, all, feeding.pending),
    ...agreement(
      'storage gave receipts for',
      dataset.stored - (dataset.imported ?? 0),
      'stored rows',
      feeding.stored,
      feeding.pending,
    ),
  ];
  return { version: Math.max(0, ...chosen.map((one) => one.version)), records, rows, problems };
}

function recordsProblems(line: RecordsLine): string[] {
  const parts = line.normalized + line.filtered + line.quarantined + line.discarded + line.pending;
  if (parts === line.accepted) return [];
  return [`records: ${line.accepted} were accepted, and ${parts} are accounted for`];
}

function rowsProblems(line: RowsLine): string[] {
  const parts = line.stored + line.merged + line.stale + line.duplicate;
  if (parts === line.produced) return [];
  return [`rows: ${line.produced} were produced, and ${parts} are accounted for`];
}

function datasetProblems(line: DatasetTotals): string[] {
  const parts = line.held + line.expired + line.erased + line.replaced;
  if (parts === line.stored) return [];
  return [
    `dataset: receipts promise ${line.stored} rows, and ${parts} are accounted for (${line.held} are really there)`,
  ];
}

/** A retry tells the books first and its records after: those that it holds may be counted there already. */
function quarantineProblems(
  { quarantined, discarded, held }: QuarantineTotals,
  books: Totals,
  pending: number,
): string[] {
  const ahead = quarantined + discarded - books.quarantined - books.discarded;
  if (held > 0 && ahead >= 0 && ahead <= held) return [];
  return [
    ...agreement('the normalizer keeps', quarantined, 'quarantined records', books.quarantined, pending),
    ...agreement('the normalizer keeps', discarded, 'discarded records', books.discarded, pending),
  ];
}

function agreement(who: string, theirs: number, what: string, ours: number, pending: number): string[] {
  if (theirs === ours || (pending > 0 && theirs > ours)) return [];
  return [`${who} ${theirs} ${what}, and the inbox counts ${ours}`];
}

function sum(versions: readonly VersionTotals[]): Totals {
  const names = [...OUTCOME, 'accepted', 'pending', 'discarded'] as const satisfies readonly (keyof VersionTotals)[];
  return Object.fromEntries(
    names.map((name) => [name, versions.reduce((total, version) => total + version[name], 0)]),
  ) as unknown as Totals; // every name of Totals was summed
}
