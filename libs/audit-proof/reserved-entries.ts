/** What the log says of itself. Nobody else may append entries of these actions. */
export const ROTATED_KEY = 'audit.rotate_key';
export const SEALED_ENTRIES = 'audit.seal';
export const RESERVED_ACTIONS: ReadonlySet<string> = new Set([ROTATED_KEY, SEALED_ENTRIES]);

const KEY_TARGET = /^AuditKey\/(\S+)$/;
const SEAL_TARGET = /^AuditEntries\/0-(\d{1,15})$/;

/** The target of an entry that hands the log over to another key (`name+hash+base64`). */
export const keyTarget = (key: string): string => `AuditKey/${key}`;

/** The target of an entry that seals all entries up to `last`. It names those sealed before, too. */
export const sealTarget = (last: number): string => `AuditEntries/0-${last}`;

/** Whether a leaf is of a reserved action. Canonical JSON begins with it, so that no other leaf has to be read. */
export function isReserved(leaf: Uint8Array): boolean {
  if (leaf[ACTION_AT] !== ACTION_START) return false; // most leaves
  return BEGINNINGS.some((beginning) => beginning.equals(leaf.subarray(0, beginning.length)));
}

const ACTION_AT = '{"action":"'.length;
const ACTION_START = 'audit'.charCodeAt(0);
const BEGINNINGS = [...RESERVED_ACTIONS].map((action) => Buffer.from(`{"action":${JSON.stringify(action)},`));

/** The key to which a leaf hands the log over; undefined for any other leaf. */
export const keyHandedTo = (leaf: Uint8Array): string | undefined => targetOf(leaf, ROTATED_KEY, KEY_TARGET);

/** How many entries a leaf says to be sealed, from the first on; undefined for any other leaf. */
export function entriesSealed(leaf: Uint8Array): number | undefined {
  const last = targetOf(leaf, SEALED_ENTRIES, SEAL_TARGET);
  return last === undefined ? undefined : Number(last) + 1;
}

function targetOf(leaf: Uint8Array, action: string, form: RegExp): string | undefined {
  if (!isReserved(leaf)) return undefined;
  try {
    const entry = JSON.parse(Buffer.from(leaf).toString('utf8')) as { action?: unknown; target?: unknown };
    return entry.action === action && typeof entry.target === 'string' ? form.exec(entry.target)?.[1] : undefined;
  } catch {
    return undefined; // no JSON, hence none of ours
  }
}
