import { Injectable } from '@nestjs/common';
import { bundlePath, TILE_WIDTH } from '#libs/audit-proof/tiles';
import { StreamEvent } from '#libs/event-stream/event-stream';
import { AuditContract, EntryPage, ListEntries } from '#libs/contracts/audit.contract';
import { decide } from '#libs/contracts/permissions';
import { Forbidden } from '#libs/errors/errors';
import { currentCall, withCall } from '#libs/transport/call-context';
import { Callers } from '../access/callers';
import { GuardedRequest } from '../access/presented-credential';
import { AuditHeads } from './audit-heads';

/** Entries that are held for a reader at once. */
const AT_ONCE = 100;
/** A reader hears at least so often that the stream lives, and its credential is looked at again. Unit: milliseconds. */
const QUIET_MS = 5_000;

export interface Followed {
  readonly found: Omit<ListEntries, 'from' | 'limit'>;
  /** The first index wanted; the end of the log when left out. */
  readonly from?: number;
  /** Ends after so many entries. */
  readonly limit?: number;
}

/**
 * The log as it grows. The id of an event is an index: whoever comes back with the last one goes on behind it, and is told
 * of entries that were sealed meanwhile.
 */
@Injectable()
export class AuditStream {
  constructor(
    private readonly audit: AuditContract,
    private readonly heads: AuditHeads,
    private readonly callers: Callers,
  ) {}

  /**
   * Each entry from `from` on that is looked for, once and in the order of the log, until `signal` aborts. Before what
   * comes behind sealed entries, an event says which these are.
   */
  async *follow(request: GuardedRequest, followed: Followed, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const { found, from, limit = Infinity } = followed;
    const call = { ...currentCall(), deadline: undefined, signal };
    let head = await this.heads.size();
    let next = from ?? head;
    let left = limit;
    yield { id: idBefore(next) };
    for (let checked = Date.now(); !signal.aborted && left > 0;) {
      while (next < head && left > 0 && !signal.aborted) {
        const page = await withCall(call, () => this.page({ ...found, from: next, limit: Math.min(AT_ONCE, left) }));
        const kept = await withCall(call, () => this.keptFrom(next, page.entries[0]?.index));
        if (kept > next) yield sealedEvent(next, kept - 1);
        next = kept;
        for (const entry of page.entries) {
          yield { id: String(entry.index), event: 'entry', data: JSON.stringify(entry) };
          next = entry.index + 1;
        }
        left -= page.entries.length;
        if (left > 0) next = page.next ?? Math.max(next, head);
        if (Date.now() - checked > QUIET_MS) await this.stillMay(request).then(() => (checked = Date.now()));
      }
      if (left <= 0) return;
      await this.heads.beyond(next, QUIET_MS, signal);
      if (signal.aborted) return;
      await this.stillMay(request);
      checked = Date.now();
      head = await this.heads.size();
      if (head <= next) yield { comment: 'nothing new', id: idBefore(next) };
    }
  }

  /** Where entries are left, at `next` or between it and the first that was found: those before are sealed. */
  private async keptFrom(next: number, found = Infinity): Promise<number> {
    if (found === next) return next;
    const { sealed } = await this.heads.now(); // asked behind the page, it knows of all that the page lacks
    return Math.max(next, Math.min(found, sealed));
  }

  private page(asked: ListEntries): Promise<EntryPage> {
    return this.audit.entries(asked);
  }

  /** Rule 17: a key that was revoked, or lost the permission, sees no more of it within seconds. */
  private async stillMay(request: GuardedRequest): Promise<void> {
    const principal = await this.callers.of(request, false);
    if (decide(principal, 'audit:read') === 'allowed') return;
    throw new Forbidden('auth.denied', `This takes the permission "audit:read", which ${principal.name} lacks.`);
  }
}

/** Hashes that a page of `GET /v1/audit/hashes` gives at most. */
const HASHES_MAX = 1_000;

/** Of these entries the hash alone is left: where that is to be had, and where the mirror has or had the first of them. */
const sealedEvent = (from: number, to: number): StreamEvent => ({
  id: String(to),
  event: 'sealed',
  data: JSON.stringify({
    from,
    to,
    hashes: `/v1/audit/hashes?from=${from}&limit=${Math.min(HASHES_MAX, to - from + 1)}`,
    mirror: bundlePath({ index: Math.floor(from / TILE_WIDTH), width: TILE_WIDTH }),
  }),
});

const idBefore = (next: number): string => String(next - 1);
