import { appendsExactlyOnce } from './conformance/appending.conformance';
import { answersAlike } from './conformance/asking.conformance';
import { booksBalance } from './conformance/books.conformance';
import { rollsUpByCalendar } from './conformance/calendar-rollups.conformance';
import { mergesByVersion } from './conformance/merging.conformance';
import { readsWhole } from './conformance/reading.conformance';
import { rollsUp } from './conformance/rolling-up.conformance';
import { removesRows } from './conformance/removing.conformance';
import { servesFromRollups } from './conformance/served-by-rollups.conformance';
import { runsStatementsAlike } from './conformance/statements.conformance';
import { Engine } from './conformance/trial.conformance';
import { keepsValues } from './conformance/values.conformance';

/** What every event engine must do, alike to the last count. */
export function conformsAsEventStore(engine: () => Engine): void {
  keepsValues(engine);
  answersAlike(engine);
  readsWhole(engine);
  appendsExactlyOnce(engine);
  mergesByVersion(engine);
  removesRows(engine);
  booksBalance(engine);
  rollsUp(engine);
  rollsUpByCalendar(engine);
  servesFromRollups(engine);
  runsStatementsAlike(engine);
}
