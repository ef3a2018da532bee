import type { Column, TextColumn } from '#libs/contracts/columns';

/** A column of texts as one text and where each ends: copied between threads at once, and not text by text. */
export interface PackedTexts extends Pick<TextColumn, 'name' | 'nulls' | 'type'> {
  readonly text: string;
  readonly ends: Uint32Array;
}

export type PackedColumn = Exclude<Column, TextColumn> | PackedTexts;

export function packed(column: Column): PackedColumn {
  if (!isText(column)) return column;
  const { values, ...rest } = column;
  const ends = new Uint32Array(values.length);
  let end = 0;
  for (let at = 0; at < values.length; at++) ends[at] = end += (values[at] ?? '').length;
  return { ...rest, text: values.join(''), ends };
}

export function unpacked(column: PackedColumn): Column {
  if (!('text' in column)) return column;
  const { text, ends, ...rest } = column;
  const values = new Array<string>(ends.length);
  let start = 0;
  for (let at = 0; at < ends.length; at++) {
    const end = ends[at] ?? start;
    values[at] = text.substring(start, end);
    start = end;
  }
  return { ...rest, values };
}

const isText = (column: Column): column is TextColumn => column.type === 'string' || column.type === 'json';
