import { AppendReceipt } from '#libs/contracts/storage.contract';
import { Identity } from '../identity';
import { mergeRows, Version } from '../merge';
import { OpenAppend } from './books';
import { RowIdentity } from './row-identity';

/** A row that counts already. */
export interface Standing extends RowIdentity {
  readonly appendNo: bigint;
  readonly row: number;
}

export interface ArrivingAppend {
  readonly open: OpenAppend;
  readonly rows: readonly RowIdentity[];
}

export interface Verdict {
  readonly open: OpenAppend;
  readonly receipt: AppendReceipt;
  /** Places of the rows that do not stay. */
  readonly losers: readonly number[];
}

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  /** Standing rows that newer versions take the place of, and by which append. */
  readonly superseded: readonly { readonly row: Standing; readonly by: bigint }[];
  /** Times of live rows that came or went. */
  readonly touchedUs: readonly bigint[];
}

/** What becomes of each arriving row, the first append first. */
export function judge(
  identity: Identity,
  appends: readonly ArrivingAppend[],
  standing: ReadonlyMap<string, Standing>,
  keptFromUs?: bigint,
): Judgement {
  const all = appends.flatMap(({ rows }, append) => rows.map((identityOfRow, row) => ({ append, row, identityOfRow })));
  const isTooOld = ({ identityOfRow }: (typeof all)[number]): boolean =>
    keptFromUs !== undefined && identityOfRow.timeUs < keptFromUs;
  const places = all.filter((place) => !isTooOld(place));
  const slots = new Map<string, number>();
  const merges = identity.by === 'version';
  const arriving = places.map(({ identityOfRow: { same, version } }) => {
    const slot = slots.get(same) ?? slots.size;
    slots.set(same, slot);
    const held = standing.get(same);
    const none: Version = 0;
    return { slot, version: merges ? version : none, held: held && (merges ? held.version : none) };
  });
  const { outcomes, winners } = mergeRows(arriving);
  const stays = new Set(winners);
  const verdicts = appends.map(({ open }) => ({
    open,
    receipt: { appendId: open.appendId, stored: 0, merged: 0, stale: 0, duplicate: 0, replaced: 0 },
    losers: [] as number[],
  }));
  for (const { append, row } of all.filter(isTooOld)) {
    verdicts[append]!.receipt.stale += 1;
    verdicts[append]!.losers.push(row);
  }
  const superseded: { row: Standing; by: bigint }[] = [];
  const touchedUs: bigint[] = [];
  places.forEach(({ append, row, identityOfRow }, place) => {
    const verdict = verdicts[append]!;
    verdict.receipt[outcomes[place]!] += 1;
    if (!stays.has(place)) return void verdict.losers.push(row);
    if (!identityOfRow.deleted) touchedUs.push(identityOfRow.timeUs);
    const held = standing.get(identityOfRow.same);
    if (!held) return;
    superseded.push({ row: held, by: verdict.open.appendNo });
    if (!held.deleted) touchedUs.push(held.timeUs);
  });
  return { verdicts, superseded, touchedUs };
}
