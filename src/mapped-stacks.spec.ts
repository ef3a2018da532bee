import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformFileSync, transformSync } from '@swc/core';

const SOURCE = `
interface Dropped { readonly a: number; }

export function fail(message: string): never {
  throw new RangeError(message);
}
`;

describe('mapped stacks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chartly-stacks-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const build = (name: string, built: { code: string; map?: string }): void => {
    writeFileSync(join(folder, `${name}.js`), built.code);
    if (built.map) writeFileSync(join(folder, `${name}.js.map`), built.map);
  };
  const options = {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
    sourceMaps: true,
  } as const;

  it('name the place in the TypeScript source, and leave a place without a map as it is', () => {
    build('mapped-stacks', transformFileSync(join(__dirname, 'mapped-stacks.ts'), { ...options, swcrc: false }));
    build('failing', transformSync(SOURCE, { ...options, swcrc: false, filename: 'failing.ts' }));
    build('outer', { code: `exports.run = (text) => require('./failing').fail(text);` });
    const script = `
      require('./mapped-stacks').mapStacks(process.cwd());
      try { require('./outer').run('no such thing'); } catch (error) { process.stdout.write(error.stack); }`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' });
    const [head, first, second] = stdout.split('\n');
    expect(head).toBe('RangeError: no such thing');
    expect(first).toMatch(/at \S*fail \(.*failing\.ts:5:\d+\)$/);
    expect(second).toContain(`${join(folder, 'outer.js')}:1:`);
  });

  it('say something of an error whose message cannot be a text', () => {
    const script = `
      require('./mapped-stacks').mapStacks(process.cwd());
      const error = new Error('x');
      Object.defineProperty(error, 'message', { get() { throw new Error('no'); } });
      process.stdout.write(error.stack.split('\\n')[0]);`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toBe('Error');
  });
});
