import { Schemas } from '#libs/client/client';

/** What a pipeline's new steps change over its newest raw records, for people. */
export function describeRows(one: Schemas['RowsDifference']): string {
  const { pipeline, records, changed, rowsBefore, rowsAfter, fields, outcomes, examples } = one;
  if (records === 0) return `rows of ${pipeline}: no raw records are kept to compare`;
  const rows = rowsBefore === rowsAfter ? `${rowsAfter} rows` : `${rowsBefore} -> ${rowsAfter} rows`;
  return [
    `rows of ${pipeline}: ${changed} of the last ${records} records change (${rows})`,
    ...fields.map(({ field, rows: differing }) => `  ~ ${field} differs in ${differing} rows`),
    ...outcomes.map(({ from, to, records: moved }) => `  ! ${moved} records: ${from} -> ${to}`),
    ...examples.flatMap(describeExample),
  ].join('\n');
}

function describeExample({ batchId, index, raw, before, after }: Schemas['DifferenceExample']): string[] {
  return [`  record ${index} of ${batchId}: ${raw.trim()}`, `    - ${outcome(before)}`, `    + ${outcome(after)}`];
}

const outcome = ({ outcome: kind, rows, step, reason }: Schemas['RecordOutcome']): string =>
  kind === 'normalized'
    ? rows.map((row) => JSON.stringify(row)).join(' ')
    : `${kind}${step === undefined ? '' : ` at ${step}: ${reason}`}`;
