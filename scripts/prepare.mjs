/** Brings a checkout to where it can run: packages installed, build no older than the sources. Plain Node, no packages. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const NODE_MIN = [20, 19];
const SOURCES = ['src', 'apps', 'libs', 'deploy'];
const BUILD_INPUTS = ['package.json', 'nest-cli.json', '.swcrc', 'tsconfig.json'];
const BUILD_STAMP = join(ROOT, 'dist', '.built');
/** What npm itself writes when it has installed. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');

/** Ends the process with one sentence. */
export function fail(sentence) {
  process.stderr.write(`chartly: ${sentence}\n`);
  process.exit(1);
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  fail(`Node ${process.versions.node} is too old: Chartly needs Node ${NODE_MIN.join('.')} or newer (nodejs.org).`);
}

/** Installs packages when none are there or the lock file has changed since. */
export function install() {
  const lock = join(ROOT, 'package-lock.json');
  if (existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(lock).mtimeMs) return;
  say('Installing packages (npm ci), once');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed; the lines above say why.');
}

/** Builds when a source is newer than the build. */
export function build() {
  if (existsSync(BUILD_STAMP) && newestSource() <= statSync(BUILD_STAMP).mtimeMs) return;
  say('Building');
  run(process.execPath, [join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build'], 'The build failed.');
  writeFileSync(BUILD_STAMP, new Date().toISOString());
}

function newestSource() {
  const files = SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const inputs = BUILD_INPUTS.map((name) => join(ROOT, name));
  return Math.max(...[...files, ...inputs].map((file) => statSync(file).mtimeMs));
}

function run(command, args, otherwise) {
  const { status } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(otherwise);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Everything at once, as `npm run build` wants it. */
export function prepare() {
  requireNode();
  install();
  build();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare();
