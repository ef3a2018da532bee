import { Injectable } from '@nestjs/common';

export interface ReadinessCheck {
  /** What is waited for when it fails, as a person would call it. */
  readonly name: string;
  /** Throws, or gives false, while the thing is not there. */
  readonly check: () => Promise<boolean> | boolean;
}

const CHECK_TIMEOUT_MS = 2_000;

/** What this process needs before it can do its job. */
@Injectable()
export class Readiness {
  private readonly checks: ReadinessCheck[] = [];
  private readonly stopping = new AbortController();

  register(name: string, check: ReadinessCheck['check']): void {
    this.checks.push({ name, check });
  }

  /** From now on the process takes no new work (rule 40). */
  drain(): void {
    this.stopping.abort();
  }

  /** Aborts when the process takes no new work: what would never end by itself ends then. */
  get draining(): AbortSignal {
    return this.stopping.signal;
  }

  /** What is waited for; empty when the process can do its job. */
  async waitingFor(): Promise<string[]> {
    if (this.draining.aborted) return ['shutdown'];
    const results = await Promise.all(
      this.checks.map(async ({ name, check }) => ((await passes(check)) ? [] : [name])),
    );
    return results.flat();
  }
}

async function passes(check: ReadinessCheck['check']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve(check()), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
