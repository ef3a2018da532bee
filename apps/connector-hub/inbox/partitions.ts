import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Tables that are there before their hour begins. */
const HOURS_AHEAD = 3;
/** An hour's table stays this long after its end, for ids that a slow clock made. */
const KEPT_HOURS = 1;
/** Tables that one turn drops at most; each is a moment in which the inbox waits. */
const DROPS_MAX = 48;

/** The inbox's tables, one an hour: made ahead of time, and dropped when all that was in them has gone elsewhere. */
@Injectable()
export class Partitions {
  constructor(private readonly database: DataSource) {}

  /** Idempotent, and harmless beside other processes that do the same. */
  async makeAhead(): Promise<void> {
    for (let ahead = 0; ahead <= HOURS_AHEAD; ahead += 1) await this.database.query(MAKE, [ahead]);
  }

  /** Gives how many were dropped. */
  async dropEmpty(): Promise<number> {
    for (let dropped = 0; ; dropped += 1) {
      const [{ gone }] = await this.database.query<[{ gone: number }]>(DROP, [KEPT_HOURS]);
      if (gone === 0 || dropped === DROPS_MAX) return dropped;
    }
  }
}

const MAKE = `SELECT connector_hub.make_partition(clock_timestamp() + make_interval(hours => $1::int))`;
const DROP = `SELECT connector_hub.drop_empty_partitions(clock_timestamp() - make_interval(hours => $1::int)) AS gone`;
