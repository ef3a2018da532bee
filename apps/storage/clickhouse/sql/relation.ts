import { ColumnSql } from './types';

/** A SELECT under way: its columns go by names that are told apart in the whole statement. */
export interface Relation {
  readonly columns: readonly ColumnSql[];
  /** What stands after FROM; nothing where there is no table. */
  readonly from: string;
  readonly where?: string;
  readonly order?: string;
  readonly limit?: bigint;
  readonly offset?: bigint;
  /** The whole SELECT already, of which `from` is the bracketed form. */
  readonly query?: string;
}

/** The SELECT of a relation, as it is or of other columns. */
export function selectSql(relation: Relation, items?: readonly string[]): string {
  if (relation.query !== undefined && items === undefined && isBare(relation)) return relation.query;
  const { columns, from, where, order, limit, offset } = relation;
  const list = (items ?? columns.map(({ sql }) => sql)).join(', ');
  const parts = [
    `SELECT ${list === '' ? '1' : list}`,
    from === '' ? '' : `FROM ${from}`,
    where === undefined ? '' : `WHERE ${where}`,
    order === undefined ? '' : `ORDER BY ${order}`,
    limit === undefined && offset === undefined ? '' : `LIMIT ${limit ?? MANY}`,
    offset === undefined ? '' : `OFFSET ${offset}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** More rows than there are. */
const MANY = 2n ** 63n - 1n;

const isBare = ({ where, order, limit, offset }: Relation): boolean =>
  where === undefined && order === undefined && limit === undefined && offset === undefined;

/** The relation as a table to select from, with nothing behind its FROM. */
export function asTable(relation: Relation): Relation {
  if (isBare(relation) && relation.from !== '') return relation;
  return ofQuery(selectSql(relation), relation.columns);
}

/** The relation as one word or one pair of brackets, as the side of a join has to be. */
export function bracketed(relation: Relation): Relation {
  const isOne = isBare(relation) && (relation.query !== undefined || /^with\d+$/.test(relation.from));
  return isOne ? relation : ofQuery(selectSql(relation), relation.columns);
}

export const ofQuery = (query: string, columns: readonly ColumnSql[]): Relation => ({
  columns,
  from: `(${query})`,
  query,
});

/** No more than `limit` rows of it, in its order. */
export function limited(relation: Relation, limit: bigint | undefined, offset: bigint | undefined): Relation {
  if (limit === undefined && offset === undefined) return relation;
  if (relation.limit === undefined && relation.offset === undefined && !hasQuery(relation)) {
    return { ...relation, limit, offset };
  }
  if (offset === undefined && relation.limit !== undefined && !hasQuery(relation) && limit !== undefined) {
    return { ...relation, limit: relation.limit < limit ? relation.limit : limit };
  }
  return { ...asTable(relation), limit, offset };
}

const hasQuery = ({ query }: Relation): boolean => query !== undefined;
