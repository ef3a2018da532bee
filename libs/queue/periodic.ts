import { Logger } from '@nestjs/common';

const JITTER = 0.1;

/**
 * Does something again and again, never twice at once. A failure is logged and the next turn comes as usual; `stop`
 * waits for the turn that is going on.
 */
export class Periodic {
  private readonly logger: Logger;
  private timer?: NodeJS.Timeout;
  private turn?: Promise<void>;
  private stopped = false;
  private failing = false;

  constructor(
    name: string,
    private readonly everyMs: number,
    private readonly work: () => Promise<unknown>,
  ) {
    this.logger = new Logger(name);
  }

  /** The first turn comes at once. */
  start(): this {
    this.schedule(0);
    return this;
  }

  /** Brings the next turn forward. */
  wake(): void {
    if (this.turn === undefined) this.schedule(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn;
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.turn = this.once().finally(() => {
        this.turn = undefined;
        this.schedule(this.everyMs * (1 + JITTER * (2 * Math.random() - 1)));
      });
    }, delayMs);
  }

  private async once(): Promise<void> {
    try {
      await this.work();
      this.failing = false;
    } catch (thrown) {
      const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      if (!this.failing) this.logger.warn(`A turn failed; the next one comes as usual. ${message}`);
      this.failing = true;
    }
  }
}
