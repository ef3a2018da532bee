import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Recorded } from '#libs/audit-trail/audit-entry';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';

/** Entries at once, and how often there is one more. */
const BURST = 60;
const ONE_MORE_MS = 1_000;

type Refused = Omit<Recorded, 'outcome'>;

/**
 * Refusals of callers whom nobody knows. Each leaves an entry; but anybody can cause them, so past {@link BURST} at once
 * and one a second the rest are counted, and the next entry says how many they were: a flood fills no log. Guesses at a
 * user who is there are counted apart, so that noise at the door hides none of them.
 */
@Injectable()
export class Refusals {
  private readonly ofStrangers = new Allowance();
  private readonly ofUsers = new Allowance();

  constructor(
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Of a login as a user of ours, where the target is `User/<id>`; else of somebody who could be anybody. */
  async record(refused: Refused): Promise<void> {
    const allowance = refused.target.startsWith('User/') ? this.ofUsers : this.ofStrangers;
    const others = allowance.take(this.clock.now().getTime());
    if (others === undefined) return;
    const reason = others === 0 ? refused.reason : `${refused.reason ?? 'refused'}; ${others} more were refused before`;
    await this.write({ ...refused, reason });
  }

  /** Says how many were not told of, once there is room again; every few seconds. */
  async tellOfTheRest(): Promise<void> {
    const now = this.clock.now().getTime();
    for (const [allowance, entry] of [
      [this.ofStrangers, { action: 'access.deny', target: 'Gateway' }],
      [this.ofUsers, { action: 'session.begin', target: 'User' }],
    ] as const) {
      const others = allowance.takeTheRest(now);
      if (others !== undefined) await this.write({ ...entry, reason: `${others} more were refused` });
    }
  }

  private write(refused: Refused): Promise<void> {
    return this.database.transaction((tx) => this.audit.record(tx, { ...refused, outcome: 'denied' }));
  }
}

/** How many entries there may be, and how many there would have been beside them. */
class Allowance {
  private left = BURST;
  private refilledAt = 0;
  private untold = 0;

  /** How many were not told of since the last entry, where there may be one now; counts one more where there may not. */
  take(now: number): number | undefined {
    if (this.hasRoom(now)) return this.spend();
    this.untold += 1;
    return undefined;
  }

  /** How many were not told of, where there are some and there may be an entry that says so. */
  takeTheRest(now: number): number | undefined {
    return this.untold > 0 && this.hasRoom(now) ? this.spend() : undefined;
  }

  private hasRoom(now: number): boolean {
    this.left = Math.min(BURST, this.left + (now - this.refilledAt) / ONE_MORE_MS);
    this.refilledAt = now;
    return this.left >= 1;
  }

  private spend(): number {
    this.left -= 1;
    const others = this.untold;
    this.untold = 0;
    return others;
  }
}
