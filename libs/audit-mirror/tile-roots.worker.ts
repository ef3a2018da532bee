import { HASH_BYTES, leafHashInto } from '#libs/audit-proof/merkle';
import { isReserved } from '#libs/audit-proof/reserved-entries';
import { rootOver, TILE_WIDTH } from '#libs/audit-proof/tiles';
import { isCanonical, LeafForm } from '#libs/audit-proof/verify-log';
import { mirroredEntries } from './mirrored-log';

/** Full bundles of a mirror, one after the other. */
export interface TileRootsRequest {
  readonly place: string;
  readonly size: number;
  readonly from: number;
  readonly count: number;
  readonly form: LeafForm;
}

/** What came of a bundle; `notable` ones have to be read leaf by leaf. */
export type TileRoot = { readonly kind: 'root' | 'sealed'; readonly root: Uint8Array } | { readonly kind: 'notable' };

/** The root over each bundle's leaves: nearly all that is to be hashed of a log, on a thread of its own. */
export default async function tileRoots({ place, size, from, count, form }: TileRootsRequest): Promise<TileRoot[]> {
  const roots: TileRoot[] = [];
  for (let index = from; index < from + count; index += 1) {
    const entries = await mirroredEntries(place, index, size);
    if (entries.kind === 'sealed') roots.push({ kind: 'sealed', root: rootOver(entries.hashes) });
    else roots.push(rootOfLeaves(entries.leaves, form));
  }
  return roots;
}

function rootOfLeaves(leaves: readonly Buffer[], form: LeafForm): TileRoot {
  const isPlain = leaves.every((leaf) => !isReserved(leaf) && (form === 'bytes' || isCanonical(leaf)));
  if (!isPlain || leaves.length !== TILE_WIDTH) return { kind: 'notable' };
  const hashes = Buffer.allocUnsafe(TILE_WIDTH * HASH_BYTES);
  for (const [at, leaf] of leaves.entries()) leafHashInto(hashes, at * HASH_BYTES, leaf);
  return { kind: 'root', root: rootOver(hashes) };
}
