import { Cell, ResultColumn } from '#libs/contracts/query-plan';
import { rfc3339OfMicros } from '#libs/calendar/instants';
import { ClickCell } from './click-house';

/** A row of the engine as an answer's, alike to the one of every other engine. */
export const answerRow = (cells: readonly ClickCell[], columns: readonly ResultColumn[]): Cell[] =>
  cells.map((cell, at) => cellOf(cell, columns[at]));

function cellOf(cell: ClickCell, column: ResultColumn | undefined): Cell {
  if (cell === null) return null;
  switch (column?.type) {
    case 'timestamp':
      return rfc3339OfMicros(BigInt(String(cell)));
    case 'int': {
      const value = BigInt(String(cell));
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    }
    case 'bool':
      return Boolean(cell); // a comparison is 0 or 1 there
    case 'double':
      return doubleOf(cell);
    case 'json':
      return JSON.parse(String(cell)) as Cell; // checked to be JSON when it came
    default:
      return cell;
  }
}

/** The engine writes `inf` and `nan` where JavaScript says Infinity and NaN. */
function doubleOf(cell: ClickCell): Cell {
  if (typeof cell === 'number') return cell;
  if (cell === 'inf') return 'Infinity';
  if (cell === '-inf') return '-Infinity';
  return cell === 'nan' || cell === '-nan' ? 'NaN' : Number(cell);
}
