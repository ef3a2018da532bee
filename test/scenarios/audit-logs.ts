import { generateKeyPairSync } from 'node:crypto';
import { Handover } from '#libs/audit-proof/key-chain';
import { Frontier, leafHash } from '#libs/audit-proof/merkle';
import { verifierKey } from '#libs/audit-proof/note-keys';
import { keyTarget, ROTATED_KEY, SEALED_ENTRIES, sealTarget } from '#libs/audit-proof/reserved-entries';
import { signCheckpoint } from '#libs/audit-proof/signed-note';
import { KeptLeaf } from '#libs/audit-proof/verify-log';
import { canonicalJson } from '#libs/documents/canonical';

const ORIGIN = 'chartly.local/audit';

/** A saved log. */
export interface Bundle {
  readonly leaves: readonly KeptLeaf[];
  readonly note: string;
  readonly handovers?: readonly Handover[];
}

/** A log, maybe beside one that was saved earlier, and whether it holds under the key. */
interface LogCase {
  readonly what: string;
  readonly holds: boolean;
  readonly bundle: Bundle;
  readonly earlier?: Bundle;
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
/** The first key of the logs below, and the one that is trusted. */
export const TRUSTED_KEY = verifierKey(ORIGIN, publicKey);
const leaves = Array.from({ length: 77 }, (_, at) => canonicalJson({ action: 'documents.apply', target: `é${at}` }));
function log(of: readonly string[], signer = privateKey): Bundle {
  const tree = of.reduce((grown, leaf) => grown.append(leafHash(Buffer.from(leaf))), Frontier.empty());
  return {
    leaves: of,
    note: signCheckpoint({ origin: ORIGIN, size: of.length, root: tree.root() }, ORIGIN, signer),
  };
}

const next = generateKeyPairSync('ed25519');
const naming = (signer: typeof next): string =>
  canonicalJson({ action: ROTATED_KEY, target: keyTarget(verifierKey(ORIGIN, signer.publicKey)) });
/** A log that `by` handed over to `to` after 20 entries. */
function handedOver(to: typeof next, by = privateKey): Bundle {
  const until = [...leaves.slice(0, 20), naming(to)];
  const handovers = [{ note: log(until, by).note, leaf: naming(to) }];
  return { ...log([...until, ...leaves.slice(20)], to.privateKey), handovers };
}
const rotated = handedOver(next);
/** A key that was handed the log over after 41 entries hands it on after 21, when it was not yet its key. */
function handedOverBackwards(): Bundle {
  const last = generateKeyPairSync('ed25519');
  const of = [...leaves.slice(0, 20), naming(last), ...leaves.slice(20, 39), naming(next), ...leaves.slice(39)];
  const handovers = [
    { note: log(of.slice(0, 41)).note, leaf: naming(next) },
    { note: log(of.slice(0, 21), next.privateKey).note, leaf: naming(last) },
  ];
  return { ...log(of, last.privateKey), handovers };
}
const sealing = canonicalJson({ action: SEALED_ENTRIES, target: sealTarget(9) });
const dropped = (of: readonly string[]): KeptLeaf[] =>
  of.map((leaf, at) => (at < 10 ? { hash: leafHash(Buffer.from(leaf)).toString('base64') } : leaf));
const announced = [...leaves, sealing];
const good = log(leaves);
const older = log(leaves.slice(0, 50));
const forked = log(leaves.with(10, leaves[11]!));
/** Logs as they are and with each fault there may be: every verifier must say the same of each. */
export const LOG_CASES: readonly LogCase[] = [
  { what: 'the log as it is', holds: true, bundle: good },
  { what: 'an empty log', holds: true, bundle: log([]) },
  { what: 'one entry', holds: true, bundle: log(leaves.slice(0, 1)) },
  { what: 'the log against an earlier head', holds: true, bundle: good, earlier: older },
  {
    what: 'an edited entry',
    holds: false,
    bundle: { ...good, leaves: leaves.with(40, leaves[40]!.replace('apply', 'appIy')) },
  },
  { what: 'a deleted entry', holds: false, bundle: { ...good, leaves: leaves.toSpliced(40, 1) } },
  {
    what: 'two entries that changed places',
    holds: false,
    bundle: { ...good, leaves: leaves.with(3, leaves[4]!).with(4, leaves[3]!) },
  },
  { what: 'an inserted entry', holds: false, bundle: { ...good, leaves: leaves.toSpliced(40, 0, leaves[1]!) } },
  { what: 'a log cut at its end', holds: false, bundle: { ...good, leaves: leaves.slice(0, -1) } },
  { what: 'a shorter log than was seen before', holds: false, bundle: older, earlier: good },
  { what: 'a fork', holds: false, bundle: forked, earlier: older },
  { what: 'a forged signature', holds: false, bundle: log(leaves, stranger.privateKey) },
  { what: 'a head of another size', holds: false, bundle: { ...good, note: good.note.replace('\n77\n', '\n76\n') } },
  { what: 'a log that was handed over to another key', holds: true, bundle: rotated },
  {
    what: 'that log against a head of the key before',
    holds: true,
    bundle: rotated,
    earlier: log(leaves.slice(0, 15)),
  },
  { what: 'a handover by a stranger to himself', holds: false, bundle: handedOver(stranger, stranger.privateKey) },
  { what: 'a handover before the one that it follows', holds: false, bundle: handedOverBackwards() },
  { what: 'a handover that is not shown', holds: false, bundle: { ...rotated, handovers: [] } },
  {
    what: 'a retired key that goes on signing',
    holds: false,
    bundle: { ...log([...leaves.slice(0, 20), naming(next), ...leaves.slice(20)]), handovers: [] },
  },
  {
    what: 'entries that were dropped, and an entry that says so',
    holds: true,
    bundle: { ...log(announced), leaves: dropped(announced) },
  },
  { what: 'entries that were dropped in silence', holds: false, bundle: { ...good, leaves: dropped(leaves) } },
];
