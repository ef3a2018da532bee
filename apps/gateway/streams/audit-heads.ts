import { Injectable } from '@nestjs/common';
import { AuditContract } from '#libs/contracts/audit.contract';

const LOOK_EVERY_MS = 500;

export interface Extent {
  readonly size: number;
  readonly sealed: number;
}

interface Waiting {
  readonly size: number;
  readonly wake: () => void;
}

/** How far the log has come: asked once for all who wait for more of it, and not at all while nobody does. */
@Injectable()
export class AuditHeads {
  private readonly waiting = new Set<Waiting>();
  private looking = false;

  constructor(private readonly audit: AuditContract) {}

  async size(): Promise<number> {
    return (await this.now()).size;
  }

  /** How many entries the log has, and of how many of them, from the first on, the hash alone is left. */
  async now(): Promise<Extent> {
    const { size, sealed } = await this.audit.checkpoint({});
    return { size, sealed };
  }

  /** Resolves when the log has more than `size` entries, when `waitMs` have passed, or when `signal` aborts. */
  async beyond(size: number, waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
      timer = setTimeout(wake, waitMs);
    });
    const waiting = { size, wake };
    signal.addEventListener('abort', wake, { once: true });
    this.waiting.add(waiting);
    this.look();
    await woken;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    this.waiting.delete(waiting);
  }

  /** Looks now, and again as long as anybody waits. */
  private look(): void {
    if (this.looking || this.waiting.size === 0) return;
    this.looking = true;
    this.size()
      .then((size) => {
        for (const one of this.waiting) if (size > one.size) one.wake();
      })
      .catch(() => undefined) // the log is away; who waits is told when they ask for its entries
      .finally(() => {
        setTimeout(() => {
          this.looking = false;
          this.look();
        }, LOOK_EVERY_MS).unref();
      });
  }
}
