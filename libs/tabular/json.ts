import { chunksOf, Rows } from './table';

/** What `JSON.stringify` makes of an answer, in pieces: its rows a few at a time, so that none of them is large. */
export function* jsonPieces(answer: { readonly rows: Rows }): Generator<string> {
  let opening = '{';
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined) continue;
    yield `${opening}${JSON.stringify(name)}:`;
    if (name === 'rows') yield* rowPieces(answer.rows);
    else yield JSON.stringify(value);
    opening = ',';
  }
  yield '}';
}

function* rowPieces(rows: Rows): Generator<string> {
  let opening = '[';
  for (const some of chunksOf(rows)) {
    yield `${opening}${JSON.stringify(some).slice(1, -1)}`;
    opening = ',';
  }
  yield opening === '[' ? '[]' : ']';
}
