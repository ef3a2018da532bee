import type { HttpPull } from './sources/http';

/** Every kind of source, and what a document says of one: the member that names the kind, and what goes with it. */
export interface SourceByKind {
  readonly http: HttpPull;
}
export type SourceKind = keyof SourceByKind;

/** Where data is pulled from. Exactly one member names the kind. */
export type Source = SourceByKind[SourceKind];

interface KindFacts {
  /** What its URL may begin with; none when the kind has no URL. */
  readonly schemes: readonly string[];
  /** The members of the source, beside the common ones, that go with it. */
  readonly members: readonly string[];
}

/** A new kind is a member of `SourceByKind` and a row here; the compiler asks for the rest. */
export const SOURCE_KINDS: Readonly<Record<SourceKind, KindFacts>> = {
  http: { schemes: ['http:', 'https:'], members: ['paginate', 'cursor'] },
};

/** The kinds that a source names: one, once its document was checked. */
export const kindsIn = (source: object): SourceKind[] =>
  Object.keys(SOURCE_KINDS).filter((kind): kind is SourceKind => Object.hasOwn(source, kind));

/** The kind of a checked source. */
export function kindOf(source: Source): SourceKind {
  const [kind] = kindsIn(source);
  if (kind === undefined) throw new TypeError('A source without a kind passed the checks of documents.');
  return kind;
}

/** Where a source is, as people know it: its URL, as far as its kind has one. */
export function addressOf(source: Source): string | undefined {
  const member: unknown = Reflect.get(source, kindOf(source));
  const url: unknown = typeof member === 'object' && member !== null ? Reflect.get(member, 'url') : undefined;
  return typeof url === 'string' ? url : undefined;
}
