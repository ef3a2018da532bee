/** `npm run client:pack [-- --out FOLDER]`: builds @chartly/client and packs it as npm would publish it; prints the file. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, prepare, ROOT } from './prepare.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'dist') } } });
const out = resolve(values.out);
const source = join(ROOT, 'libs', 'client');
const built = join(out, 'client-package');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
/** How each of the two kinds of module is written. */
const KINDS = {
  esm: { type: 'module', flags: ['--module', 'esnext', '--moduleResolution', 'bundler'] },
  cjs: { type: 'commonjs', flags: ['--module', 'nodenext', '--moduleResolution', 'nodenext'] },
};
const FLAGS = '--ignoreConfig --declaration --strict --skipLibCheck --target es2022 --lib es2022,dom --types'.split(
  ' ',
);

function run(command, args, cwd = ROOT) {
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) fail(`${[command, ...args].join(' ')} failed. ${stdout}`);
  return stdout;
}

prepare();
rmSync(built, { recursive: true, force: true });
for (const [kind, { type, flags }] of Object.entries(KINDS)) {
  const folder = join(built, kind);
  mkdirSync(folder, { recursive: true });
  run(process.execPath, [
    TSC,
    join(source, 'client.ts'),
    ...FLAGS,
    'node',
    ...flags,
    '--rootDir',
    source,
    '--outDir',
    folder,
  ]);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type })}\n`);
}
for (const name of ['package.json', 'README.md']) cpSync(join(source, name), join(built, name));
cpSync(join(ROOT, 'LICENSE'), join(built, 'LICENSE'));
const { apiDocument } = createRequire(import.meta.url)(join(ROOT, 'dist', 'src', 'api-document.js'));
writeFileSync(join(built, 'openapi.json'), `${JSON.stringify(await apiDocument(), undefined, 1)}\n`);
const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', out], built));
process.stdout.write(`${join(out, filename)}\n`);
