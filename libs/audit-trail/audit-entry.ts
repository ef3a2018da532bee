import { Clock, Ids } from '#libs/clock/clock';
import { AuditEntry } from '#libs/contracts/audit.contract';
import { currentCall } from '#libs/transport/call-context';

export type Recorded = Pick<AuditEntry, 'action' | 'target' | 'outcome' | 'reason' | 'project' | 'before' | 'after'> & {
  /** Whoever did it, where it is not who calls. */
  readonly actor?: AuditEntry['actor'];
  /** The entry's own, where it is told more than once: the log takes it once. */
  readonly id?: string;
  /** When it happened, where that is not now. RFC 3339. */
  readonly time?: string;
  /** Of the request, where the call is not yet known to be its. */
  readonly requestId?: string;
  readonly client?: AuditEntry['client'];
};

/** The entry of something that the present call does: who asks, from where, and when. */
export function entryOf({ actor, id: given, time, ...recorded }: Recorded, clock: Clock, ids: Ids): AuditEntry {
  const call = currentCall();
  const { kind, id, name } = actor ?? call.principal;
  return {
    id: given ?? ids.uuidv7(),
    time: time ?? clock.now().toISOString(),
    actor: { kind, id, name },
    ...recorded,
    requestId: recorded.requestId ?? call.requestId,
    client: recorded.client ?? call.client,
  };
}
