import { Catalog } from './catalog';

/**
 * What processes that were written for `before` may miss, or be refused, in `after`: each in a sentence. None means that
 * the step between them expands: the release before works on.
 */
export function contractions(before: Catalog, after: Catalog): string[] {
  return [
    ...gone(before.tables, after.tables).map((table) => `takes away the table ${table}`),
    ...changedColumns(before, after),
    ...changedConstraints(before, after),
    ...gone(before.functions, after.functions).map((name) => `takes away the function ${name}`),
    ...gone(after.triggers, before.triggers)
      .filter((trigger) => before.tables.includes(tableOf(trigger)))
      .map((trigger) => `sets a trigger on what was there: ${trigger}`),
    ...gone(before.privileges, after.privileges)
      .filter((privilege) => after.tables.includes(privilege.split(' on ')[1]!))
      .map((privilege) => `takes away the privilege to ${privilege}`),
  ];
}

function changedColumns(before: Catalog, after: Catalog): string[] {
  const lost = Object.entries(before.columns).flatMap(([name, column]) => {
    const now = after.columns[name];
    if (now === undefined) return after.tables.includes(tableOf(name)) ? [`takes away the column ${name}`] : [];
    if (now.type !== column.type) return [`makes the column ${name} ${now.type} instead of ${column.type}`];
    return now.wanted && !column.wanted ? [`wants a value in the column ${name}`] : [];
  });
  const wanted = Object.entries(after.columns).flatMap(([name, { wanted }]) =>
    wanted && !(name in before.columns) && before.tables.includes(tableOf(name))
      ? [`wants a value in the new column ${name}`]
      : [],
  );
  return [...lost, ...wanted];
}

/** What is unique may be named in an ON CONFLICT, so it has to stay; other rules may go, and none may come on old columns. */
function changedConstraints(before: Catalog, after: Catalog): string[] {
  const written = ({ constraints }: Catalog): string[] => constraints.map(({ table, says }) => `${table} ${says}`);
  const [old, now] = [written(before), written(after)];
  const missed = before.constraints.flatMap(({ table, says, unique }) =>
    unique && after.tables.includes(table) && !now.includes(`${table} ${says}`)
      ? [`takes away from ${table}: ${says}`]
      : [],
  );
  const added = after.constraints.flatMap(({ table, says, columns }) => {
    const touches = columns.length === 0 || columns.some((column) => `${table}.${column}` in before.columns);
    return before.tables.includes(table) && touches && !old.includes(`${table} ${says}`)
      ? [`asks more of ${table}: ${says}`]
      : [];
  });
  return [...missed, ...added];
}

const gone = (before: readonly string[], after: readonly string[]): string[] =>
  before.filter((name) => !after.includes(name));

const tableOf = (name: string): string => name.slice(0, name.lastIndexOf('.'));
