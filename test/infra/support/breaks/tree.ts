import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../support/paths';

const PARTS = ['deploy/helm', 'deploy/monitoring', 'terraform'];

/** A copy of what the rules of files look at, to be spoiled. */
export class SpoiledTree {
  readonly root = mkdtempSync(join(tmpdir(), 'chartly-spoiled-'));

  constructor() {
    for (const part of PARTS) cpSync(join(ROOT, part), join(this.root, part), { recursive: true });
  }

  at(path: string): string {
    return join(this.root, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  /** Puts `after` in the place of the first `before`. Throws when it is not there: nothing would be spoiled. */
  change(path: string, before: string | RegExp, after: string): void {
    const text = this.read(path);
    const changed = text.replace(before, after);
    if (changed === text) throw new Error(`There is no ${String(before)} in ${path} to spoil.`);
    writeFileSync(this.at(path), changed);
  }

  remove(path = ''): void {
    rmSync(this.at(path), { recursive: true, force: true });
  }
}

export type FileBreak = readonly [
  rule: number,
  how: string,
  /** Spoils a copy; gives what the rule's check says of it. */
  broken: (tree: SpoiledTree) => string[],
];
