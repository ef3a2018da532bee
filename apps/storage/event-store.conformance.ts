import { booksBalance } from './conformance/books.conformance';
import { mergesByVersion } from './conformance/merging.conformance';
import { Engine } from './conformance/trial.conformance';

/** What every event engine must do, alike to the last count. */
export function conformsAsEventStore(engine: () => Engine): void {
  mergesByVersion(engine);
  booksBalance(engine);
}
