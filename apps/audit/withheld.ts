import { Commitment, commitTo, Disclosure, SALT_BYTES } from '#libs/audit-proof/commitment';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { RandomPool } from './random-pool';

/** An entry as its leaf says it, and what of it belongs to a person and is kept beside. */
export interface WithheldEntry {
  readonly leaf: object;
  /** Whom the personal data is about. */
  readonly subject: string;
  readonly personal: readonly Disclosure[];
}

/** Who is named by an id alone is no person: keys and services are named for what they do. */
const PERSONS: ReadonlySet<string> = new Set(['user']);

const salts = new RandomPool();

/** Puts commitments in place of a person's name and of where a request came from. */
export function withhold(entry: AuditEntry, saltOf: () => Buffer = () => salts.take(SALT_BYTES)): WithheldEntry {
  const personal: Disclosure[] = [];
  const hide = (path: string, value: string): Commitment => {
    const salt = saltOf();
    personal.push({ path, salt: salt.toString('base64'), value });
    return commitTo(salt, value);
  };
  const { actor, client, ...rest } = entry;
  const { kind, id, name } = actor;
  const leaf = {
    ...rest,
    actor: { kind, id, name: PERSONS.has(kind) ? hide('actor.name', name) : name },
    ...(client ? { client: hideAll('client', { ...client }, hide) } : {}),
  };
  return { leaf, subject: `${kind}:${id}`, personal };
}

const hideAll = (
  path: string,
  fields: Readonly<Record<string, string | undefined>>,
  hide: (path: string, value: string) => Commitment,
): Record<string, Commitment> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, hide(`${path}.${name}`, value)]],
    ),
  );
