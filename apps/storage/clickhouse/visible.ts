import { Snapshot } from './books';
import { noneOfSql } from './number-set';
import { quoted, rowsTable, supersededTable } from './tables';

/** The conditions under which a row of the dataset's table counts, as the snapshot has it; live or deleted alike. */
export function countsSql({ id, definition, lastAppend, hidden, undone, keptFromUs }: Snapshot): string {
  const shown = noneOfSql('_append', hidden);
  const conditions = [`_append <= ${lastAppend}`, ...(shown === undefined ? [] : [shown])];
  if (keptFromUs !== undefined) conditions.push(`${quoted(definition.time)} >= ${keptFromUs}`);
  if (definition.identity.by === 'version') {
    const done = noneOfSql('_by', undone);
    const inForce = done === undefined ? '' : ` AND ${done}`;
    const superseded = `SELECT _append, _row FROM ${supersededTable(id)} WHERE _by <= ${lastAppend}${inForce}`;
    conditions.push(`(_append, _row) NOT IN (${superseded})`);
  }
  return conditions.join(' AND ');
}

/** The condition under which a row that counts is live. */
export function liveSql({ definition: { identity } }: Snapshot): string {
  const deletes = identity.by === 'version' && identity.deleted !== undefined ? quoted(identity.deleted) : undefined;
  return deletes === undefined ? '1' : `coalesce(${deletes}, false) = false`;
}

/** The live rows as a table to select from. */
export const liveRows = (snapshot: Snapshot): string =>
  `(SELECT * FROM ${rowsTable(snapshot.id)} WHERE ${countsSql(snapshot)} AND ${liveSql(snapshot)})`;
