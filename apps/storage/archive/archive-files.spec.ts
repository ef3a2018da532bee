import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResultColumn, RowsPart } from '#libs/contracts/query-plan';
import { FolderObjectStore } from '#libs/objects/folder/folder-object-store';
import { readFile, writeFiles } from './archive-files';

const PLACE = { project: 'p', dataset: 'd', archive: 'a' };
/** So many columns and rows that a part makes a row group. */
const COLUMNS: ResultColumn[] = Array.from({ length: 500 }, (_, at) => ({ name: `c${at}`, type: 'bool' }));
const PART_ROWS = 1_000;
const ROW = COLUMNS.map((_, at) => at % 3 === 0);

async function* parts(count: number): AsyncGenerator<RowsPart> {
  const rows = Array.from({ length: PART_ROWS }, () => ROW);
  for (let at = 0; at < count; at += 1) yield await Promise.resolve({ columns: COLUMNS, rows });
}

describe('the files of an archive', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-archive-files-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('end where they are large enough, before they have their rows, and lose none (rule 9)', async () => {
    const objects = await FolderObjectStore.open(folder);
    const told: number[] = [];
    const note = (rows: number): Promise<void> => Promise.resolve(void told.push(rows));
    const files = await writeFiles(objects, PLACE, parts(3), note, 1_000);
    expect(files.map(({ rows }) => rows)).toEqual([PART_ROWS, PART_ROWS, PART_ROWS]);
    expect(told).toEqual([PART_ROWS, 2 * PART_ROWS, 3 * PART_ROWS]);
    expect(await readFile(objects, files[2]!)).toHaveLength(PART_ROWS);
    const whole = await writeFiles(objects, { ...PLACE, archive: 'b' }, parts(3), note);
    expect(whole.map(({ rows }) => rows)).toEqual([3 * PART_ROWS]);
  });
});
