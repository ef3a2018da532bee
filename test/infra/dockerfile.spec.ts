import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadComponents } from '#deploy/generate/components';
import { ROOT } from '../support/paths';
import { readDockerfile } from './support/cluster/image';

const text = readFileSync(join(ROOT, 'deploy', 'Dockerfile'), 'utf8');
const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');

describe('deploy/Dockerfile', () => {
  it('rule 8: builds on an exact tag, which a digest may pin', () => {
    expect(text).toMatch(/^ARG NODE_TAG=\d+\.\d+\.\d+-/m);
    for (const [, base] of text.matchAll(/^FROM (\S+)/gm)) expect(base).toContain('${NODE_DIGEST:+@${NODE_DIGEST}}');
  });

  it('rule 2: runs as the user of the manifests, with Node as the first process', () => {
    const { user, ports, dataDir } = loadComponents(ROOT).platform;
    const image = readDockerfile();
    expect(image.user).toBe(`${user}:${user}`);
    expect(image.entrypoint[0]).toMatch(/\/node$/);
    expect(image.env.NODE_ENV).toBe('production');
    expect(text).toContain(`EXPOSE ${ports.public} ${ports.internal}`);
    expect(text).toContain(dataDir);
  });

  it('says what it is', () => {
    for (const label of ['title', 'description', 'version', 'revision', 'licenses'])
      expect(text).toContain(`org.opencontainers.image.${label}=`);
  });

  it('is given the sources of the build and nothing else', () => {
    expect(ignored).toContain('*');
    const taken = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    for (const path of taken) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    expect(taken.filter((path) => /\.chartly|\.env|\.git$|test|docs/.test(path))).toEqual([]);
  });
});
