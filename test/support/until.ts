const POLL_MS = 50;
const TELL_AFTER_MS = 60_000;

/**
 * Waits for a condition, not for a time: asks until `ask` gives something other than undefined. It has no bound of its
 * own; the suite's hang guard ends it, after `what` was told.
 */
export async function until<T>(what: string | (() => string), ask: () => Promise<T | undefined>): Promise<T> {
  const began = Date.now();
  for (let told = false; ;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (!told && Date.now() - began > TELL_AFTER_MS) {
      told = true;
      process.stderr.write(`still waiting for ${typeof what === 'string' ? what : what()}\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
