import { CommandFailed } from '../failure';
import { Child } from './child';

const POLL_MS = 50;

/**
 * Waits until `url` answers 200 on `/ready`. Throws {@link CommandFailed} with the child's own sentence when it ends
 * before that.
 */
export async function waitUntilReady(child: Child, url: string, logFile: string): Promise<void> {
  while (!(await isReady(url))) {
    if (child.exit) throw new CommandFailed(child.complaint || `Chartly ended before it was ready; see ${logFile}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/ready', url));
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // not listening yet
  }
}
