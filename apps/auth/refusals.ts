import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Recorded } from '#libs/audit-trail/audit-entry';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock } from '#libs/clock/clock';

/** Entries at once, and how often there is one more. */
const BURST = 60;
const ONE_MORE_MS = 1_000;

/**
 * Refusals of callers whom nobody knows. Each leaves an entry; but anybody can cause them, so past {@link BURST} at once
 * and one a second the rest are counted, and the next entry says how many they were: a flood fills no log.
 */
@Injectable()
export class Refusals {
  private left = BURST;
  private refilledAt = 0;
  private uncounted = 0;

  constructor(
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async record(refused: Omit<Recorded, 'outcome'>): Promise<void> {
    this.refill();
    if (this.left < 1) {
      this.uncounted += 1;
      return;
    }
    this.left -= 1;
    const others = this.uncounted;
    this.uncounted = 0;
    const reason = others === 0 ? refused.reason : `${refused.reason ?? 'refused'}; ${others} more were refused before`;
    await this.write({ ...refused, reason });
  }

  /** Says how many were not told of, once there is room again; every few seconds. */
  async tellOfTheRest(): Promise<void> {
    this.refill();
    if (this.uncounted === 0 || this.left < 1) return;
    this.left -= 1;
    const others = this.uncounted;
    this.uncounted = 0;
    await this.write({ action: 'access.deny', target: 'Gateway', reason: `${others} more were refused` });
  }

  private write(refused: Omit<Recorded, 'outcome'>): Promise<void> {
    return this.database.transaction((tx) => this.audit.record(tx, { ...refused, outcome: 'denied' }));
  }

  private refill(): void {
    const now = this.clock.now().getTime();
    this.left = Math.min(BURST, this.left + (now - this.refilledAt) / ONE_MORE_MS);
    this.refilledAt = now;
  }
}
