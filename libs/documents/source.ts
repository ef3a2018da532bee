import type { FeedPull } from './sources/feed';
import type { FilePull } from './sources/file';
import type { HttpAuth, HttpPull } from './sources/http';
import type { MqttPull } from './sources/mqtt';
import type { NatsPull } from './sources/nats';
import type { PostgresPull } from './sources/postgres';
import type { PrometheusPull } from './sources/prometheus';
import type { RedisPull } from './sources/redis';

/** Every kind of source, and what a document says of one: the member that names the kind, and what goes with it. */
export interface SourceByKind {
  readonly http: HttpPull;
  readonly feed: FeedPull;
  readonly postgres: PostgresPull;
  readonly prometheus: PrometheusPull;
  readonly redis: RedisPull;
  readonly nats: NatsPull;
  readonly mqtt: MqttPull;
  readonly file: FilePull;
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
  http: { schemes: ['http:', 'https:'], members: ['parent', 'paginate', 'cursor', 'window'] },
  feed: { schemes: ['http:', 'https:'], members: [] },
  postgres: { schemes: ['postgres:', 'postgresql:'], members: [] },
  prometheus: { schemes: ['http:', 'https:'], members: [] },
  redis: { schemes: ['redis:', 'rediss:'], members: [] },
  nats: { schemes: ['nats:', 'tls:'], members: [] },
  mqtt: { schemes: ['mqtt:', 'mqtts:'], members: [] },
  file: { schemes: ['file:', 's3:', 'https:', 'http:'], members: [] },
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

/** A member of a source that has a URL, by the names that lead to it. */
export interface SourcePlace {
  readonly path: readonly string[];
  readonly url: string;
  readonly member: { readonly headers?: Readonly<Record<string, string>>; readonly auth?: HttpAuth };
}

/** Where a source is, the place of its records first; none when its kind has no URL. */
export const placesOf = (source: Source): SourcePlace[] =>
  [[kindOf(source)], ['parent', 'http']].flatMap((path) => {
    const member = path.reduce<unknown>(
      (outer, step) => (typeof outer === 'object' && outer !== null ? Reflect.get(outer, step) : undefined),
      source,
    );
    if (typeof member !== 'object' || member === null) return [];
    const url: unknown = Reflect.get(member, 'url');
    return typeof url === 'string' ? [{ path, url, member }] : [];
  });

/** Where a source is, as people know it: its URL, as far as its kind has one. */
export const addressOf = (source: Source): string | undefined => placesOf(source)[0]?.url;
