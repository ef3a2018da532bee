import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiDocument } from './api-document';

const ROOT = join(__dirname, '..');

describe("the API's description, made without a server", () => {
  let document: object;
  beforeAll(async () => {
    document = await apiDocument();
  });

  it('names nothing that it does not hold', () => {
    const dangling = new Set<string>();
    JSON.stringify(document, (name, value: unknown) => {
      if (name === '$ref' && typeof value === 'string' && !isHeld(document, value)) dangling.add(value);
      return value;
    });
    expect([...dangling]).toEqual([]);
  });

  it('is what the client was made from', async () => {
    const source = await readFile(join(ROOT, 'libs', 'client', 'api.ts'), 'utf8');
    const [, made] = /sha256 ([0-9a-f]{64})/.exec(source) ?? [];
    const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex');
    expect({ 'npm run client:generate': made }).toEqual({ 'npm run client:generate': digest });
  });

  it('goes with a client of the same version', async () => {
    const versionIn = async (...path: string[]): Promise<unknown> =>
      (JSON.parse(await readFile(join(ROOT, ...path, 'package.json'), 'utf8')) as { version: string }).version;
    expect(await versionIn('libs', 'client')).toBe(await versionIn());
  });
});

function isHeld(document: object, ref: string): boolean {
  const parts = ref.slice(2).split('/');
  let at: unknown = document;
  for (const part of parts) at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined;
  return at !== undefined;
}
