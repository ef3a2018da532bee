import { Printed, SqlType } from './types';
import { Printing } from './printing';

/** A call as the bound plan has it: its arguments are in the types that the function takes. */
export interface Call {
  readonly name: string;
  readonly type: SqlType;
  readonly args: readonly Printed[];
  readonly printing: Printing;
}

/** How a function is said; undefined where this form of it cannot be. */
export type Say = (call: Call) => Printed | undefined;
