import { appendFile, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ChartlyUnderTest } from './support/chartly';
import { EXAMPLES_FOLDER } from './support/paths';
import { SourceUnderTest } from './support/source-under-test';

const ROWS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);

/** The example of files, in a folder of this machine. */
describe('files as a source', () => {
  let folder: string;
  let chartly: ChartlyUnderTest;
  let source: SourceUnderTest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-sales-'));
    await cp(join(EXAMPLES_FOLDER, 'file', 'drop'), folder, { recursive: true });
    chartly = await ChartlyUnderTest.start('one process', { CHARTLY_FILE_FOLDERS: folder });
    source = SourceUnderTest.on(chartly, 'file');
    await source.apply({ SALES_FOLDER: folder, SALES_SETTLE: '0s' });
  });
  afterAll(async () => {
    await chartly.end();
    await rm(folder, { recursive: true, force: true });
  });

  const sale = (n: number): string =>
    `n-${n},${new Date(START_MS + n * 1_000).toISOString()},"shop ${n % 9}, upstairs",${n / 4}\n`;
  const sales = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, at) => sale(from + at)).join('');
  const HEADER = 'id,sold_at,shop,total\n';

  it('shows the first rows, and takes none of them', async () => {
    const preview = await source.preview();
    expect(preview).toMatchObject({ fetched: { records: 7 }, normalized: 6, quarantined: 1 });
    expect(preview.records[2]?.rows).toMatchObject([{ id: 's-3', shop: 'old town, east', total: 19.9 }]);
    expect((await source.settled()).records.accepted).toBe(0);
  });

  it('stores the rows of the example, and keeps aside the one that is not well', async () => {
    await source.pulled();
    expect(await source.settled()).toMatchObject({
      records: { accepted: 7, normalized: 6, quarantined: 1 },
      rows: { stored: 6 },
      balanced: true,
    });
  });

  it('each row of the folder is accepted and stored once, though Chartly dies in the middle', async () => {
    await mkdir(join(folder, 'later'));
    await writeFile(join(folder, 'later', 'all.csv'), HEADER + sales(0, ROWS));
    await source.diesInTheMiddle();
    await appendFile(join(folder, 'later', 'all.csv'), sales(ROWS, ROWS + 10));
    await writeFile(join(folder, 'later', 'part'), HEADER + sales(ROWS + 10, ROWS + 20));
    await rename(join(folder, 'later', 'part'), join(folder, 'later', 'more.csv'));
    await source.pulled();
    expect(await source.settled()).toMatchObject({
      records: { accepted: ROWS + 20 + 7, quarantined: 1 },
      rows: { stored: ROWS + 20 + 6, duplicate: 0 },
      balanced: true,
    });
    expect(new Set((await source.rows('id')).flat()).size).toBe(ROWS + 20 + 6);
  });

  it('a file that was replaced is read anew, and what was in it before is a duplicate', async () => {
    await writeFile(join(folder, 'later', 'more.csv'), HEADER + sales(ROWS + 15, ROWS + 25));
    await source.pulled();
    expect(await source.settled()).toMatchObject({
      rows: { stored: ROWS + 25 + 6, duplicate: 5 },
      balanced: true,
    });
  });

  it('half of a file in gzip fails the run by its name, until the whole is there', async () => {
    const whole = gzipSync(HEADER + sales(ROWS + 25, ROWS + 30));
    await writeFile(join(folder, 'packed.csv.gz'), whole.subarray(0, 60));
    await source.apply({ SALES_FOLDER: folder, SALES_SETTLE: '0s', SALES_FILES: '**/*.csv*' });
    const failed = await source.failed();
    expect(failed.reason).toContain('"packed.csv.gz" cannot be read further: its gzip does not inflate');
    await writeFile(join(folder, 'packed.csv.gz'), whole);
    await source.pulled();
    expect((await source.settled()).rows.stored).toBe(ROWS + 30 + 6);
  });
});
