import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from '../../support/paths';
import { attempt, Ran } from './tools';

export const TERRAFORM = join(ROOT, 'terraform');
const ENV = { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' };

export const terraform = (cwd: string, ...args: readonly string[]): Ran =>
  attempt('terraform', args, { cwd, env: ENV });

/** A copy of `terraform/`, so that what Terraform writes beside its files stays out of the repository. */
export class TerraformCopy {
  readonly root = mkdtempSync(join(tmpdir(), 'chartly-terraform-'));

  constructor() {
    cpSync(TERRAFORM, this.root, { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Throws with what Terraform said when it fails. */
  run(folder: string, ...args: readonly string[]): string {
    const { status, stdout, stderr } = terraform(join(this.root, folder), ...args);
    if (status !== 0) throw new Error(`terraform ${args.join(' ')} in ${folder}:\n${stderr}${stdout}`);
    return stdout;
  }

  makeFolder(path: string): void {
    mkdirSync(join(this.root, path), { recursive: true });
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  /** Applies a root module whose resources are built in, and gives its outputs as `terraform output -json` does. */
  outputs(folder: string, variables: object = {}): string {
    this.write(join(folder, 'given.auto.tfvars.json'), JSON.stringify(variables));
    this.run(folder, 'init', '-backend=false', '-no-color');
    this.run(folder, 'apply', '-auto-approve', '-no-color');
    return this.run(folder, 'output', '-json');
  }
}

/** Folders with `.tf` files, as paths under `terraform/`. */
export const moduleFolders = (): string[] => [
  ...new Set(
    readdirSync(TERRAFORM, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.tf') && !entry.parentPath.includes('.terraform'))
      .map((entry) => relative(TERRAFORM, entry.parentPath)),
  ),
];

/** The text of a folder's `.tf` files. */
export const sourceOf = (folder: string, root = TERRAFORM): string =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.tf'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n');
