import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import Piscina from 'piscina';
import { failed, LogClaim, LogVerdict, LogVerification } from '#libs/audit-proof/log-verification';
import { TILE_WIDTH } from '#libs/audit-proof/tiles';
import { addTo, LeafForm } from '#libs/audit-proof/verify-log';
import { hashesIn, mirroredEntries, MirroredLog, mirroredLog } from './mirrored-log';
import tileRoots, { TileRoot, TileRootsRequest } from './tile-roots.worker';

const WORKER = join(__dirname, 'tile-roots.worker.js');
/** Bundles that a thread reads at once: some 5 MiB. */
const AT_ONCE = 64;

type MirrorClaim = Omit<LogClaim, 'note' | 'handovers'>;

/**
 * Verifies a log from its static files in a folder or at a URL, on as many threads as there are cores. The leaves are
 * hashed there and the tree is put together here; where a head ends or an entry says something of the log itself, entry
 * by entry. Throws Unavailable `audit.mirror` when a file is missing.
 */
export async function verifyMirror(
  place: string,
  claim: MirrorClaim,
  form: LeafForm = 'canonical',
): Promise<LogVerdict> {
  const log = await mirroredLog(place);
  const { verdict, isDroppedInSilence } = await verifyAt(log, claim, form);
  if (!isDroppedInSilence) return verdict;
  const since = await mirroredLog(place); // entries that were sealed while it was read are told of behind its head
  return since.size > log.size ? (await verifyAt(since, claim, form)).verdict : verdict;
}

interface Verified {
  readonly verdict: LogVerdict;
  readonly isDroppedInSilence: boolean;
}

async function verifyAt(log: MirroredLog, claim: MirrorClaim, form: LeafForm): Promise<Verified> {
  const verification = LogVerification.of({ ...claim, note: log.note, handovers: log.handovers });
  if (typeof verification === 'string') return { verdict: failed(verification), isDroppedInSilence: false };
  const problem = await readAll(verification, log, form);
  const verdict = problem === undefined ? verification.verdict() : failed(problem);
  return { verdict, isDroppedInSilence: problem === undefined && verification.isDroppedInSilence };
}

/** Reads the whole log; gives what is wrong with it. */
async function readAll(verification: LogVerification, log: MirroredLog, form: LeafForm): Promise<string | undefined> {
  const threads = availableParallelism();
  const pool = existsSync(WORKER) ? new Piscina({ filename: WORKER, maxThreads: threads }) : undefined;
  const run = (request: TileRootsRequest): Promise<TileRoot[]> =>
    pool ? (pool.run(request) as Promise<TileRoot[]>) : tileRoots(request); // what the worker gives
  try {
    for await (const [index, root] of rootsOf(log, form, threads * 2, run)) {
      const problem = await add(verification, log, index, root, form);
      if (problem !== undefined) return problem;
    }
    return undefined;
  } finally {
    await pool?.destroy();
  }
}

/** The bundles of a log in their order, `ahead` requests being under way. The last one, when not full, is notable. */
async function* rootsOf(
  { place, size }: MirroredLog,
  form: LeafForm,
  ahead: number,
  run: (request: TileRootsRequest) => Promise<TileRoot[]>,
): AsyncGenerator<[number, TileRoot]> {
  const full = Math.floor(size / TILE_WIDTH);
  const underWay: { readonly from: number; readonly roots: Promise<TileRoot[]> }[] = [];
  for (let next = 0; next < full || underWay.length > 0;) {
    while (next < full && underWay.length < ahead) {
      const count = Math.min(AT_ONCE, full - next);
      const roots = run({ place, size, from: next, count, form });
      roots.catch(() => undefined); // it is awaited in its turn
      underWay.push({ from: next, roots });
      next += count;
    }
    const { from, roots } = underWay.shift()!; // there is one
    for (const [at, root] of (await roots).entries()) yield [from + at, root];
  }
  if (size % TILE_WIDTH > 0) yield [full, { kind: 'notable' }];
}

async function add(
  verification: LogVerification,
  { place, size }: MirroredLog,
  index: number,
  root: TileRoot,
  form: LeafForm,
): Promise<string | undefined> {
  if (root.kind !== 'notable' && verification.mayTakeTile) {
    return verification.addTile(Buffer.from(root.root), root.kind === 'sealed');
  }
  const entries = await mirroredEntries(place, index, size);
  const leaves =
    entries.kind === 'leaves'
      ? entries.leaves
      : hashesIn(entries.hashes).map((hash) => ({ hash: hash.toString('base64') }));
  for (const leaf of leaves) {
    const problem = addTo(verification, leaf, form);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
