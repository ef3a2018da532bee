import { Field } from '#libs/query/field';
import { columnNamed, Dataset } from './dataset';

const PATH = /^([A-Za-z_]\w*)((?:\.[A-Za-z_][\w-]*|\[\d{1,6}\])+)$/;
const STEP = /\.([A-Za-z_][\w-]*)|\[(\d+)\]/g;

/** The field that a name means in a dataset; undefined when it means none. A path is read as text. */
export function fieldNamed(dataset: Dataset, name: string): Field | undefined {
  const column = columnNamed(dataset, name);
  if (column) return { name, column: column.name, type: column.type };
  const [, root, steps] = PATH.exec(name) ?? [];
  if (root === undefined || steps === undefined || columnNamed(dataset, root)?.type !== 'json') return undefined;
  const path = [...steps.matchAll(STEP)].map(([, member, position]) => member ?? Number(position));
  return { name, column: root, path, type: 'string' };
}
