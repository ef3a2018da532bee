import { ARITHMETIC } from './arithmetic';
import { Call, Say } from './call';
import { TEXTS } from './text-functions';
import { TIMES } from './time-functions';
import { Printed, unsupported } from './types';

const SAYINGS: ReadonlyMap<string, Say> = new Map([
  ...Object.entries(ARITHMETIC),
  ...Object.entries(TEXTS),
  ...Object.entries(TIMES),
]);

/** Only what is in the tables of functions is ever said: nothing of ClickHouse's is reached by its name alone. */
export function printFunction(call: Call): Printed {
  const said = SAYINGS.get(call.name)?.(call);
  if (!said) throw unsupported(`${call.name}(${call.args.map(({ type }) => type.id).join(', ')})`);
  return said;
}
