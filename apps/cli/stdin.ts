import { text } from 'node:stream/consumers';
import { CommandFailed } from './failure';
import { say } from './output';

/** Something secret from stdin: an argument would stand in the shell's history and in the list of processes. */
export async function valueFromStdin(what: string): Promise<string> {
  if (process.stdin.isTTY) say(`Type the ${what}, then Enter and Ctrl-D:`);
  const value = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (value === '') throw new CommandFailed(`There is no ${what} on stdin. Try: printf %s "$VALUE" | chartly ...`, 2);
  return value;
}
