import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';
import { NotFound } from '#libs/errors/errors';
import { IsShortText } from './fields';
import type { FilterValue } from './query-filter';
import type { RowOrigin } from './stored-rows';

const ROW_ID_MAX_CHARS = 2_000;

export const IsRowId = (): PropertyDecorator =>
  applyDecorators(
    IsShortText(ROW_ID_MAX_CHARS),
    Matches(/^[A-Za-z0-9_-]+$/, { message: "$property is no row's id, as answers give them" }),
  );

/** A stored row: its key, and the append that stored it. A row that takes its place has another id. */
export interface RowIdentity {
  readonly key: Readonly<Record<string, FilterValue>>;
  readonly origin: RowOrigin;
}

/** The id of a stored row, for paths. Opaque: what is in it may change. */
export const rowIdOf = ({ key, origin }: RowIdentity): string =>
  Buffer.from(JSON.stringify([key, origin.appendId, origin.row])).toString('base64url');

/** Throws NotFound `row.unknown` for what no answer ever gave as an id. */
export function readRowId(id: string): RowIdentity {
  const read = parsed(id);
  if (Array.isArray(read)) {
    const [key, appendId, row] = read as unknown[];
    if (isKey(key) && typeof appendId === 'string' && typeof row === 'number' && Number.isSafeInteger(row)) {
      return { key, origin: { appendId, row } };
    }
  }
  throw rowUnknown();
}

export const rowUnknown = (): NotFound =>
  new NotFound(
    'row.unknown',
    'There is no such row: it was never stored, or it has expired, or was erased or replaced since. Ask for it by its key.',
  );

const isKey = (value: unknown): value is RowIdentity['key'] =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => ['string', 'number', 'boolean'].includes(typeof one));

function parsed(id: string): unknown {
  try {
    return JSON.parse(Buffer.from(id, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
