import { Command } from 'commander';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocuments } from '#libs/documents/parse';
import { CommandFailed } from '../failure';
import { schemaCommand } from './schema';

describe('chartly schema', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-schema-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const file = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  /** What a command says, and how it fails. */
  async function said(...words: string[]): Promise<{ out: string; failed?: CommandFailed }> {
    const program = new Command().exitOverride();
    schemaCommand(program);
    let out = '';
    const written = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    try {
      await program.parseAsync(['schema', ...words], { from: 'user' });
      return { out };
    } catch (thrown) {
      if (!(thrown instanceof CommandFailed)) throw thrown;
      return { out, failed: thrown };
    } finally {
      written.mockRestore();
    }
  }

  it('infers a document that can be applied, from json, ndjson and csv together', async () => {
    const files = [
      await file('a.json', '[{"id": "a", "n": 1}]'),
      await file('b.ndjson', '{"id":"b","n":1.5}\n{"id":"c"}\n'),
      await file('c.csv', 'id,day\nd,2026-01-01\n'),
    ];
    const { out } = await said('infer', ...files, '--name', 'reading');
    expect(parseDocuments(out, 'default')).toMatchObject([
      {
        kind: 'Schema',
        metadata: { name: 'reading' },
        spec: {
          version: 1,
          jsonSchema: {
            required: ['id'],
            properties: {
              id: { type: 'string' },
              n: { type: 'number' },
              day: { type: 'string', format: 'date' },
            },
          },
        },
      },
    ]);
  });

  it('says what it cannot read', async () => {
    const [nameless, broken] = [await file('a.txt', '{}'), await file('b.ndjson', '{"a":1}\n{"a":\n')];
    expect((await said('infer', nameless)).failed?.message).toContain('Say it with --format');
    expect((await said('infer', broken)).failed?.message).toBe(`${broken}: record 1 is not JSON.`);
    expect((await said('infer', join(folder, 'none.json'))).failed?.message).toContain('Cannot read');
  });

  const version = (number: number, type: string, more = ''): string =>
    JSON.stringify({
      apiVersion: 'chartly.io/v1',
      kind: 'Schema',
      metadata: { name: 'reading' },
      spec: {
        version: number,
        ...(more === '' ? {} : { compatibility: more }),
        jsonSchema: { type: 'object', properties: { n: { type } }, additionalProperties: false },
      },
    });

  it('checks the newest version against those before it, by what they promise or by what is asked', async () => {
    const [one, two] = [
      await file('1.json', version(1, 'integer', 'backward')),
      await file('2.json', version(2, 'number')),
    ];
    expect(await said('check', two, '--against', one)).toEqual({ out: 'No promise is broken.\n' });
    const { out, failed } = await said('check', two, '--against', one, '--mode', 'full', '-o', 'json');
    expect(failed?.exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      { schema: 'reading', version: 2, mode: 'full', against: 1, direction: 'forward', path: 'properties.n.type' },
    ]);
    expect((await said('check', two)).failed?.message).toBe(
      'There is no version of "reading" before 2 to check it against.',
    );
  });
});
