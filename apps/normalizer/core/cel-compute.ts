import { CelNode } from './cel-tree';

/** The library's evaluator and the values that an expression can name, as far as they are asked. */
export interface Library {
  debugTypeDeep(value: unknown): CelType;
  debugRuntimeType(value: unknown, checked?: CelType): CelType;
  createError(code: string, message: string, node: unknown): Error;
}
export interface Values {
  getValue(name: string): unknown;
}
/** The library's idea of a type. */
export interface CelType {
  readonly wrappedType: CelType;
  readonly hasDynType: boolean;
  matchesValueType(value: unknown, library: Library): boolean;
}
export type Handler = (...values: unknown[]) => unknown;
interface Overload {
  readonly handler: Handler;
}
/** What the check leaves at a node. */
interface Checked {
  readonly checkedType?: CelType;
  readonly leftStaticType?: CelType;
  readonly rightStaticType?: CelType;
  readonly candidates?: {
    findBinaryOverload(left: CelType, right: CelType): Overload | false;
    findFunction(types: readonly CelType[], receiver?: CelType): Overload | null;
  };
}
export type Node = CelNode & Checked;

/** Computes a node. */
export type Compute = (library: Library, values: Values) => unknown;

/** The library's own way, from the start: nothing that it evaluates changes anything. */
export const byLibrary = (node: Node, library: Library, values: Values): unknown =>
  node.meta.macro === undefined
    ? node.meta.evaluate(library, node, values)
    : (node.meta.macro as CelNode).evaluate(library, node.meta.macro, values); // a macro has it too
