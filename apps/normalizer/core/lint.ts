import type { InstallSteps, StepProblem } from '#libs/contracts/steps';
import type { JsonSchema } from '#libs/documents/pipeline';
import { celTree, typeChecker } from './cel';
import { CARRYING_CALLS } from './cel-environment';
import { callOf, CelNode, isCelNode, pathOf } from './cel-tree';
import { isPlainObject } from './failure';
import { celTypesOf } from './schema-types';

/** `carried`: a missing value reads as null and goes on so. `computed`: it fails the record. */
type Position = 'carried' | 'computed';
type Found = (path: string) => void;
/** Paths that are there and not null, each written as {@link textOf} writes it. */
type Known = ReadonlySet<string>;

const NOTHING: Known = new Set();
const ROOTS = new Set(['raw', 'row', 'parent']);
const REQUIRED_DEPTH_MAX = 8;
const CHANGES_RECORD = ['set', 'unset', 'rename', 'split', 'lookup', 'redact'] as const;

/**
 * Where steps compute with a field that may be missing or null, which sends the record to quarantine, and do not say what
 * should happen instead. Each field is told once, where it is computed with first. What is known to be there is not told:
 * by `has`, by a comparison with null, by a filter that was passed, by a schema that requires it. And where they can never
 * work by the types that a schema gives the record. Takes steps that compile.
 */
export function lint({ steps, schemas }: InstallSteps): StepProblem[] {
  const warnings: StepProblem[] = [];
  let known: Known = NOTHING;
  let maps = false;
  let mistakeIn = (_source: string): string | undefined => undefined;
  const look = (source: string, path: string, position: Position): CelNode => {
    const mistake = mistakeIn(source);
    if (mistake !== undefined) warnings.push({ path, message: mismatchOf(mistake, source) });
    const tree = celTree(source);
    walk(tree, position, known, (field) => {
      if (isKnown(field, known)) return;
      known = new Set([...known, field]);
      warnings.push({ path, message: sentenceOf(field, source) });
    });
    return tree;
  };
  steps.forEach((step, at) => {
    const path = `spec.steps[${at}]`;
    if (step.filter !== undefined) {
      const tree = look(step.filter, `${path}.filter`, 'computed');
      known = new Set([...known, ...truths(tree)]);
    }
    if (step.split !== undefined) {
      look(step.split, `${path}.split`, 'computed');
      known = new Set([...known].flatMap((one) => (one.startsWith('raw') ? [`parent${one.slice(3)}`] : [one])));
    }
    if (step.lookup) look(step.lookup.key, `${path}.lookup.key`, 'carried');
    const given = step.map ?? step.set ?? {};
    const root = step.map || maps ? 'row' : 'raw';
    const trees = Object.entries(given).map(
      ([name, source]) => [name, look(source, `${path}.${step.map ? 'map' : 'set'}.${name}`, 'carried')] as const,
    );
    for (const [name, tree] of trees) {
      const field = textOf(root, [name]);
      const others = [...known].filter((one) => one !== field && !startsWith(one, field));
      known = new Set(mayBeNull(tree, known) ? others : [...others, field]);
    }
    if (step.map) maps = true;
    const changed = [...(step.unset ?? []), ...Object.keys(step.rename ?? {}), ...Object.keys(step.redact ?? {})];
    if (step.lookup || changed.length > 0) {
      // By their names and not their places, since a dotted name may go deep: nothing of that object is known any more.
      const heads = new Set(
        [...changed, ...Object.values(step.rename ?? {}), ...Object.keys(step.lookup?.set ?? {})].map((name) =>
          textOf(root, [name.split('.')[0] ?? name]),
        ),
      );
      known = new Set([...known].filter((one) => ![...heads].some((head) => one === head || startsWith(one, head))));
    }
    const schema = step.validate ? schemas[step.validate.schema] : undefined;
    if (schema && !maps) mistakeIn = typeChecker(celTypesOf(schema));
    else if (root === 'raw' && CHANGES_RECORD.some((kind) => step[kind] !== undefined)) mistakeIn = () => undefined;
    if (schema) known = new Set([...known, ...required(schema, maps ? 'row' : 'raw', 0)]);
  });
  return warnings;
}

const mismatchOf = (mistake: string, source: string): string =>
  `fails for every record, by what the schema says of them: ${mistake} (in \`${source.slice(0, 100)}\`).`;

const sentenceOf = (field: string, source: string): string =>
  `computes with ${field}, which may be missing or null; the record goes to quarantine then. Say what should happen instead, as \`has(${field}) ? … : …\` or \`coalesce(${field}, …)\` (in \`${source.slice(0, 100)}\`).`;

function walk(node: CelNode, position: Position, known: Known, found: Found): void {
  const path = pathOf(node);
  if (path) {
    const field = textOf(path.root, path.segments);
    const told = ROOTS.has(path.root) && path.segments.length > 0 && position === 'computed';
    if (told && !isKnown(field, known)) found(field);
    return;
  }
  const call = callOf(node);
  if (call) return walkCall(call, position, known, found);
  const children = childrenOf(node);
  const [left, right, other] = children;
  if (node.op === '?:' && left && right && other) {
    walk(left, 'computed', known, found);
    walk(right, position, new Set([...known, ...truths(left)]), found);
    walk(other, position, new Set([...known, ...falsities(left)]), found);
  } else if ((node.op === '&&' || node.op === '||') && left && right) {
    // A failure beside a false (or, in ||, a true) is not one: each side may stand guard for the other.
    const guards = node.op === '&&' ? truths : falsities;
    walk(left, 'computed', new Set([...known, ...guards(right)]), found);
    walk(right, 'computed', new Set([...known, ...guards(left)]), found);
  } else {
    for (const child of children) walk(child, 'computed', known, found);
  }
}

function walkCall(
  [name, args]: readonly [string, readonly CelNode[]],
  position: Position,
  known: Known,
  found: Found,
): void {
  if (name === 'has') return;
  args.forEach((argument, at) => {
    if (!CARRYING_CALLS.has(name)) walk(argument, 'computed', known, found);
    else if (name === 'coalesce') walk(argument, at === args.length - 1 ? position : 'carried', known, found);
    else walk(argument, at === 0 ? position : 'computed', known, found);
  });
}

/** Whether a value may be null where nothing fails. */
function mayBeNull(node: CelNode, known: Known): boolean {
  const path = pathOf(node);
  if (path) return ROOTS.has(path.root) && !isKnown(textOf(path.root, path.segments), known);
  if (node.op === 'value') return node.args === null;
  const call = callOf(node);
  if (call) {
    const [name, args] = call;
    if (name === 'coalesce') return args.every((argument) => mayBeNull(argument, known));
    // Some helpers give null for what they do not find.
    return CARRYING_CALLS.has(name) && (name === 'extract' || args.slice(0, 1).some((one) => mayBeNull(one, known)));
  }
  const [condition, yes, no] = childrenOf(node);
  if (node.op !== '?:' || !condition || !yes || !no)
    return node.op === 'rcall' || node.op === '.?' || node.op === '[?]';
  return (
    mayBeNull(yes, new Set([...known, ...truths(condition)])) ||
    mayBeNull(no, new Set([...known, ...falsities(condition)]))
  );
}

/** What is there when the condition holds. */
function truths(node: CelNode): string[] {
  const [left, right] = childrenOf(node);
  if (node.op === '!_' && left) return falsities(left);
  if (node.op === '&&' && left && right) return [...truths(left), ...truths(right)];
  return node.op === '!=' ? comparedWithNull(node) : guardedBy(node);
}

/** What is there when it does not. */
function falsities(node: CelNode): string[] {
  const [left, right] = childrenOf(node);
  if (node.op === '!_' && left) return truths(left);
  if (node.op === '||' && left && right) return [...falsities(left), ...falsities(right)];
  return node.op === '==' ? comparedWithNull(node) : [];
}

function guardedBy(node: CelNode): string[] {
  const call = callOf(node);
  const path = call?.[0] === 'has' && call[1][0] ? pathOf(call[1][0]) : undefined;
  return path ? [textOf(path.root, path.segments)] : [];
}

function comparedWithNull(node: CelNode): string[] {
  const sides = childrenOf(node);
  if (!sides.some(({ op, args }) => op === 'value' && args === null)) return [];
  return sides.flatMap((side) => {
    const path = pathOf(side) ?? pathOf(callOf(side)?.[1][0] ?? side);
    return path ? [textOf(path.root, path.segments)] : [];
  });
}

/** What a schema requires and does not let be null, member by member. */
function required(schema: JsonSchema, at: string, depth: number): string[] {
  if (depth > REQUIRED_DEPTH_MAX || !Array.isArray(schema.required) || !isPlainObject(schema.properties)) return [];
  const { properties } = schema;
  return (schema.required as readonly unknown[]).flatMap((name) => {
    const member: unknown = typeof name === 'string' && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (typeof name !== 'string' || !isPlainObject(member) || !refusesNull(member)) return [];
    const path = at + segmentText(name);
    return [path, ...required(member, path, depth + 1)];
  });
}

const refusesNull = ({ type }: Readonly<Record<string, unknown>>): boolean =>
  type !== undefined && type !== 'null' && !(Array.isArray(type) && type.includes('null'));

const textOf = (root: string, segments: readonly (string | number)[]): string =>
  root + segments.map(segmentText).join('');

const segmentText = (segment: string | number): string =>
  typeof segment === 'string' && /^[A-Za-z_]\w*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;

const isKnown = (path: string, known: Known): boolean =>
  known.has(path) || [...known].some((one) => startsWith(one, path));

/** Whether `path` leads on from `head`. */
const startsWith = (path: string, head: string): boolean =>
  path.startsWith(head) && (path[head.length] === '.' || path[head.length] === '[');

/** The nodes right below, whatever form the library keeps them in. */
function childrenOf(node: CelNode): CelNode[] {
  const found: CelNode[] = [];
  const gather = (value: unknown): void => {
    if (isCelNode(value)) found.push(value);
    else if (Array.isArray(value)) for (const one of value as unknown[]) gather(one);
  };
  gather(node.args);
  return found;
}
