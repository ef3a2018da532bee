import { CommandFailed } from '../failure';
import { Child } from './child';

/**
 * Waits until the process itself says that it serves: another one may be answering at its address. Throws
 * {@link CommandFailed} with the process's own sentence when it ends before that.
 */
export async function waitUntilReady(child: Child, logFile: string): Promise<void> {
  if (await child.ready) return;
  throw new CommandFailed(child.complaint || `Chartly ended before it was ready; see ${logFile}.`);
}
