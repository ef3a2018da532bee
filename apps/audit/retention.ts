import { BeforeApplicationShutdown, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { SEALED_ENTRIES, sealTarget } from '#libs/audit-proof/reserved-entries';
import { bundlePath, readPlace, TILE_WIDTH } from '#libs/audit-proof/tiles';
import { entryOf } from '#libs/audit-trail/audit-entry';
import { Clock, Ids } from '#libs/clock/clock';
import { ChartlyConfig } from '#libs/config/config';
import { ObjectStore } from '#libs/objects/object-store';
import { Periodic } from '#libs/queue/periodic';
import { destinationName } from './forward/destination-name';
import { Log } from './log';
import { MIRROR_ROOT, Mirror } from './mirror';
import { Seals } from './seals';

const EVERY_MS = 600_000;
/** What one turn seals at most, so that it holds up no append for long. Unit: entries. */
const STEP = 128 * TILE_WIDTH;

/** The first entry that is too young to be sealed; null when all are older. */
const YOUNG = `
  SELECT min(index) AS index
    FROM (SELECT index, appended_at FROM audit.entries WHERE index >= $1 ORDER BY index LIMIT $2) looked_at
   WHERE appended_at >= $3`;

const FORWARDED = `SELECT min(next) AS next FROM audit.forwarded WHERE destination = ANY($1)`;

/**
 * Seals what is older than the log has to keep: whole tiles of entries go from the database, and their hashes stay, so
 * that every proof still holds. An entry says so, in the transaction that does it. The bytes stay in the mirror, or go
 * there as well.
 */
@Injectable()
export class Retention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly turns = new Periodic('AuditRetention', EVERY_MS, () => this.seal());

  constructor(
    private readonly database: DataSource,
    private readonly log: Log,
    private readonly seals: Seals,
    private readonly mirror: Mirror,
    private readonly objects: ObjectStore,
    private readonly config: ChartlyConfig,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.auditRetainMs > 0) this.turns.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.turns.stop();
  }

  /**
   * Seals all that is old enough; gives how many entries are sealed then. Throws Conflict `audit.mirror_forked`, and seals
   * none, when the mirror is not this log's.
   */
  async seal(): Promise<number> {
    const mirrored = await this.mirror.catchUp();
    while (await this.sealSome(mirrored));
    const sealed = await this.seals.entries();
    if (this.config.auditSealed === 'drop') await this.dropMirrored();
    return sealed;
  }

  /** Whether there may be more. */
  private sealSome(mirrored: number): Promise<boolean> {
    return this.log.exclusively(async (tx, append) => {
      const from = await this.seals.entries(tx);
      const until = await this.sealable(tx, from, mirrored);
      if (until <= from) return false;
      const reason = this.config.auditSealed === 'drop' ? 'dropped' : 'kept in the mirror alone';
      const recorded = { action: SEALED_ENTRIES, target: sealTarget(until - 1), outcome: 'succeeded', reason } as const;
      const index = await append(entryOf(recorded, this.clock, this.ids));
      await this.seals.add(tx, until, index);
      return until - from === STEP;
    });
  }

  /** To where whole tiles are old, are in the mirror, and have been sent on. */
  private async sealable(tx: EntityManager, from: number, mirrored: number): Promise<number> {
    const oldest = new Date(this.clock.now().getTime() - this.config.auditRetainMs);
    const [young] = await tx.query<{ index: string | null }[]>(YOUNG, [from, STEP, oldest]);
    const destinations = this.config.auditForward.map(destinationName);
    const [sent] = await tx.query<{ next: string | null }[]>(FORWARDED, [destinations]);
    const until = Math.min(
      from + STEP,
      mirrored,
      Number(young?.index ?? Infinity),
      destinations.length === 0 ? Infinity : Number(sent?.next ?? 0),
    );
    return until - (until % TILE_WIDTH);
  }

  /**
   * Takes sealed entries out of the mirror, once it has the entry that says so: before that they look stolen to who
   * verifies it. Goes on where an earlier turn was cut off.
   */
  private async dropMirrored(): Promise<void> {
    const sealed = await this.seals.within(await this.mirror.catchUp());
    const folder = `${MIRROR_ROOT}/${bundlePath({ index: 0, width: TILE_WIDTH }).replace(/\d+$/, '')}`;
    for await (const { key } of this.objects.all(folder)) {
      const place = readPlace(key.slice(folder.length));
      if (place && (place.index + 1) * TILE_WIDTH <= sealed) await this.objects.delete(key);
    }
  }
}
