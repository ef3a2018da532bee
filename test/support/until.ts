const POLL_MS = 50;

/**
 * Waits for a condition, not for a time: asks until `ask` gives something other than undefined. It has no bound of its
 * own; the suite's hang guard ends it and `what` then tells what was waited for.
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  pending.add(what);
  try {
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    pending.delete(what);
  }
}

const pending = new Set<string>();

/** What is being waited for, for the message of a suite that hangs. */
export const waitingFor = (): readonly string[] => [...pending];
