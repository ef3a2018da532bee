import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../failure';
import { filePartsOf } from './file-parts';

const LINE = `a,${'x'.repeat(1_000)},1\r\n`;
/** More than one part holds. */
const LINES = LINE.repeat(5_000);

describe('the parts of a large CSV file', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-parts-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function partsOf(text: string): Promise<number> {
    const file = join(folder, 'rows.csv');
    await writeFile(file, text);
    let parts = 0;
    for await (const { number } of filePartsOf(file, 'csv')) parts = number;
    return parts;
  }

  it('are cut where the header fits its rows', async () => {
    expect(await partsOf(`id,text,n\r\n${LINES}`)).toBe(2);
  });

  it('are none where the first line is no header: no line is left out unsaid', async () => {
    await expect(partsOf(`Exported yesterday\r\nid,text,n\r\n${LINES}`)).rejects.toThrow(CommandFailed);
  });
});
