import { yaml } from '../yaml';

/** A value of the chart: what it is for, what it may be, and what it is when nobody says anything. */
interface Leaf {
  readonly doc: string;
  readonly schema: object;
  readonly value: unknown;
}

/** Values that belong together; no other may stand among them (rule 13). */
interface Group {
  readonly doc?: string;
  readonly fields: Readonly<Record<string, Field>>;
}

export type Field = Leaf | Group;

const isGroup = (field: Field): field is Group => 'fields' in field;

export const group = (doc: string, fields: Group['fields']): Group => ({ doc, fields });

/** JSON Schema of a value. */
export function schemaOf(field: Field): object {
  if (!isGroup(field)) return { ...field.schema, description: field.doc };
  return {
    type: 'object',
    ...(field.doc === undefined ? {} : { description: field.doc }),
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(field.fields).map(([name, of]) => [name, schemaOf(of)])),
  };
}

/** `values.yaml`: every value with its sentence above it. */
export function valuesText({ fields }: Group, indent = ''): string {
  return Object.entries(fields)
    .map(([name, field]) => {
      const comment = field.doc === undefined ? '' : `${indent}# ${field.doc}\n`;
      if (isGroup(field)) return `${comment}${indent}${name}:\n${valuesText(field, `${indent}  `)}`;
      return `${comment}${indented(yaml({ [name]: field.value }), indent)}`;
    })
    .join('');
}

const indented = (text: string, indent: string): string => text.replaceAll(/^(?=.)/gm, indent);

interface Row {
  readonly path: string;
  readonly doc: string;
  readonly value: unknown;
}

/** Every value by its path, for the table of the README. */
export function rowsOf({ fields }: Group, above = ''): Row[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = above === '' ? name : `${above}.${name}`;
    return isGroup(field) ? rowsOf(field, path) : [{ path, doc: field.doc, value: field.value }];
  });
}
