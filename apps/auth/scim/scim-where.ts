import { ScimError } from './scim-error';
import { CompareOp, Filter, Literal } from './scim-filter';

/** How an attribute is asked for: an expression over the row `r`, and how its values compare. */
interface Asked {
  readonly sql: string;
  /** `text` in any case, `exact` in its own; `rows` is a statement that gives one value a row. */
  readonly kind: 'text' | 'exact' | 'boolean' | 'time' | 'rows';
}

type Attributes = Readonly<Record<string, Asked>>;

export interface Where {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, Literal>>;
}

const OF_ALL: Attributes = {
  id: { sql: 'r.id::text', kind: 'exact' },
  externalid: { sql: 'r.external_id', kind: 'exact' },
  'meta.created': { sql: 'r.created_at', kind: 'time' },
  'meta.lastmodified': { sql: 'r.changed_at', kind: 'time' },
};

/** Of the core schema, and of nobody here: a directory may ask for them, and finds none. */
const NOT_KEPT: Attributes = Object.fromEntries(
  [
    'title',
    'usertype',
    'nickname',
    'profileurl',
    'preferredlanguage',
    'locale',
    'timezone',
    'name.familyname',
    'name.givenname',
    'emails.type',
    'phonenumbers',
    'phonenumbers.value',
  ].map((name): [string, Asked] => [name, { sql: 'NULL::text', kind: 'text' }]),
);

export const USER_ATTRIBUTES: Attributes = {
  ...NOT_KEPT,
  ...OF_ALL,
  username: { sql: 'r.name', kind: 'text' },
  displayname: { sql: 'r.display_name', kind: 'text' },
  'name.formatted': { sql: 'r.display_name', kind: 'text' },
  emails: { sql: 'r.email', kind: 'text' },
  'emails.value': { sql: 'r.email', kind: 'text' },
  active: { sql: `(r.state = 'active')`, kind: 'boolean' },
};

const MEMBERS = 'SELECT m.user_id::text FROM auth.group_members m WHERE m.group_id = r.id';

export const GROUP_ATTRIBUTES: Attributes = {
  ...OF_ALL,
  displayname: { sql: 'r.name', kind: 'text' },
  members: { sql: MEMBERS, kind: 'rows' },
  'members.value': { sql: MEMBERS, kind: 'rows' },
};

const ORDER: Partial<Record<CompareOp, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' };

/** The condition of a filter. Throws ScimError `invalidFilter` for what these attributes cannot be asked. */
export function whereOf(filter: Filter, attributes: Attributes): Where {
  const parameters: Record<string, Literal> = {};
  const given = (value: Literal): string => {
    const name = `scim${Object.keys(parameters).length}`;
    parameters[name] = value;
    return `:${name}`;
  };
  const sqlOf = (one: Filter): string => {
    switch (one.kind) {
      case 'and':
        return `(${sqlOf(one.left)} AND ${sqlOf(one.right)})`;
      case 'or':
        return `(${sqlOf(one.left)} OR ${sqlOf(one.right)})`;
      case 'not':
        return `(NOT ${sqlOf(one.of)})`;
      case 'present':
        return presence(askedOf(one.attribute, attributes));
      case 'compare':
        return comparison(one, askedOf(one.attribute, attributes), given);
    }
  };
  return { sql: sqlOf(filter), parameters };
}

function askedOf(attribute: string, attributes: Attributes): Asked {
  const asked = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (asked) return asked;
  throw invalid(`"${attribute}" is none of ${Object.keys(attributes).join(', ')}`);
}

const presence = ({ sql, kind }: Asked): string => {
  if (kind === 'rows') return `EXISTS (${sql})`;
  return kind === 'text' || kind === 'exact' ? `coalesce(${sql}, '') <> ''` : `${sql} IS NOT NULL`;
};

function comparison(
  { attribute, op, value }: Extract<Filter, { kind: 'compare' }>,
  { sql, kind }: Asked,
  given: (value: Literal) => string,
): string {
  const impossible = (): ScimError => invalid(`"${attribute} ${op}" cannot be asked of ${JSON.stringify(value)}`);
  if (value === null) {
    if (op !== 'eq' && op !== 'ne') throw impossible();
    const isThere = presence({ sql, kind });
    return op === 'ne' ? isThere : `NOT (${isThere})`;
  }
  if (kind === 'boolean') {
    if (typeof value !== 'boolean' || (op !== 'eq' && op !== 'ne')) throw impossible();
    return `${sql} ${op === 'eq' ? '=' : '<>'} ${given(value)}::boolean`;
  }
  if (typeof value !== 'string' || value.includes('\0')) throw impossible();
  if (kind === 'rows') {
    if (op !== 'eq' && op !== 'ne') throw impossible();
    return `${given(value)}::text ${op === 'eq' ? 'IN' : 'NOT IN'} (${sql})`;
  }
  if (kind === 'time') return timeComparison(sql, op, value, given, impossible);
  const [left, right] = kind === 'exact' ? [sql, value] : [`lower(${sql})`, value.toLowerCase()];
  return `coalesce(${textComparison(left, op, `${given(right)}::text`)}, false)`;
}

function textComparison(left: string, op: CompareOp, right: string): string {
  switch (op) {
    case 'eq':
      return `${left} = ${right}`;
    case 'ne':
      return `${left} IS DISTINCT FROM ${right}`;
    case 'co':
      return `position(${right} IN ${left}) > 0`;
    case 'sw':
      return `starts_with(${left}, ${right})`;
    case 'ew':
      return `right(${left}, length(${right})) = ${right}`;
    default:
      return `${left} COLLATE "C" ${ORDER[op]} ${right}`;
  }
}

/** Times are told to the millisecond. */
function timeComparison(
  sql: string,
  op: CompareOp,
  value: string,
  given: (value: Literal) => string,
  impossible: () => ScimError,
): string {
  const sign = op === 'eq' ? '=' : op === 'ne' ? '<>' : ORDER[op];
  const at = Date.parse(value);
  if (sign === undefined || !/^\d{4}-\d\d-\d\dT/.test(value) || Number.isNaN(at)) throw impossible();
  return `date_trunc('milliseconds', ${sql}) ${sign} ${given(new Date(at).toISOString())}::timestamptz`;
}

const invalid = (why: string): ScimError =>
  new ScimError(400, `The filter cannot be answered: ${why}.`, 'invalidFilter');
