import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from '#deploy/generate/files';
import { ROOT } from '../support/paths';
import { describeWithTools, run } from './support/tools';

describe('what is generated from deploy/components.yaml', () => {
  const files = [...generatedFiles(ROOT)];

  it.each(files)('%s is as `npm run deploy:generate` writes it', (path, text) => {
    expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text);
  });

  it('comes out the same every time', () => {
    expect([...generatedFiles(ROOT)]).toEqual(files);
  });
});

describeWithTools('scripts of the deployment', ['shellcheck', 'yamllint'], () => {
  it('pass shellcheck', () => {
    run('shellcheck', ['deploy/compose/postgres-roles.sh']);
  });

  it('pass yamllint', () => {
    run('yamllint', [
      '--strict',
      '-c',
      'deploy/.yamllint.yaml',
      'deploy/components.yaml',
      'deploy/exemptions.yaml',
      'deploy/contractions.yaml',
      'deploy/k8s',
      'docker-compose.yml',
    ]);
  });
});
