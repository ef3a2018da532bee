import { Injectable } from '@nestjs/common';
import { Cell } from '#libs/contracts/query-plan';
import { StorageContract } from '#libs/contracts/storage.contract';
import { ResolvedPipeline } from '#libs/documents/resolve';
import { Lookup, LOOKUP_ROWS_MAX, LookupRow, Step } from '#libs/documents/step';
import { BadRequest, FieldProblem, NotFound, Unprocessable } from '#libs/errors/errors';

/** What a look-up finds in a dataset: a row each key. */
type Table = Readonly<Record<string, LookupRow>>;

/** Reads the datasets that lookup steps name into the version, so that what a version makes of raw bytes never changes. */
@Injectable()
export class LookupTables {
  constructor(private readonly storage: StorageContract) {}

  /** The pipeline with the tables of its lookups written out; tells what is wrong with one that cannot be. */
  async written(project: string, resolved: ResolvedPipeline, problems: FieldProblem[]): Promise<ResolvedPipeline> {
    if (!resolved.spec.steps.some(({ lookup }) => lookup?.dataset !== undefined)) return resolved;
    const steps: Step[] = [];
    for (const [at, step] of resolved.spec.steps.entries()) {
      const { lookup } = step;
      if (lookup?.dataset === undefined) {
        steps.push(step);
        continue;
      }
      const table = await this.tableOf(project, lookup, lookup.dataset);
      if (typeof table === 'string') problems.push({ path: `spec.steps[${at}].lookup.dataset`, message: table });
      else steps.push({ ...step, lookup: { ...lookup, table } });
    }
    return { ...resolved, spec: { ...resolved.spec, steps } };
  }

  /** The table, or why there is none. */
  private async tableOf(project: string, { by = '', set }: Lookup, dataset: string): Promise<Table | string> {
    const members = [...new Set(Object.values(set))];
    const columns = [...new Set([by, ...members])];
    try {
      const { rows } = await this.storage.query({
        ...{ project, dataset, raw: true, columns },
        ...{ measures: [], dimensions: [], filters: [], order: [], limit: LOOKUP_ROWS_MAX + 1 },
      });
      if (rows.length > LOOKUP_ROWS_MAX)
        return `"${dataset}" has more than ${LOOKUP_ROWS_MAX} rows, which a lookup may have`;
      return tableOf(rows, columns, members, dataset);
    } catch (thrown) {
      const refused = [NotFound, Unprocessable, BadRequest].some((kind) => thrown instanceof kind);
      if (refused) return (thrown as Error).message; // one of ours
      throw thrown;
    }
  }
}

function tableOf(
  rows: readonly (readonly Cell[])[],
  columns: readonly string[],
  members: readonly string[],
  dataset: string,
): Table | string {
  const table = new Map<string, LookupRow>();
  for (const row of rows) {
    const [key] = row;
    if (key === null || key === undefined) continue;
    const text = textOf(key);
    const found = Object.fromEntries(members.map((name) => [name, plain(row[columns.indexOf(name)] ?? null)]));
    const known = table.get(text);
    if (known && members.some((name) => known[name] !== found[name])) {
      return `"${dataset}" has several rows with the ${columns[0]} ${JSON.stringify(text.slice(0, 50))}; a lookup needs one of each (store.mode: merge keeps the newest)`;
    }
    table.set(text, found);
  }
  return Object.fromEntries(table);
}

const plain = (cell: Cell): string | number | boolean | null =>
  typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell;

const textOf = (cell: Exclude<Cell, null>): string => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
