import { DuckDBInstance } from '@duckdb/node-api';
import {
  appendFile,
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Clock } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { FilePull } from '#libs/documents/sources/file';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { S3ObjectStore } from '#libs/objects/s3/s3-object-store';
import { s3PlaceOf } from '#libs/objects/s3/s3-place';
import { startS3rver, TestS3 } from '#libs/testing/s3';
import { readAll } from '../messages/message-reader.testing';
import { SourcePage } from '../source-reader';
import { FileReader } from './file-reader';
import { FileState } from './file-state';

/** Of some 300 bytes each: several pages. */
const ROWS = 12_000;
const NOTE = 'x'.repeat(300);

describe('files as a source', () => {
  let base: string;
  let folder: string;
  let reader: FileReader;
  let s3: TestS3;

  beforeAll(async () => {
    s3 = await startS3rver();
    base = await mkdtemp(join(tmpdir(), 'chartly-files-'));
    const config = loadConfig({
      CHARTLY_DATA_DIR: join(base, 'data'),
      CHARTLY_FILE_FOLDERS: [join(base, 'drop'), join(base, 'other')].join(','),
    });
    reader = new FileReader(new EgressGuard(AllowList.parse([new URL(s3.url).host])), config, new Clock());
  });
  afterAll(async () => {
    await rm(base, { recursive: true, force: true });
    await s3.stop();
  });
  beforeEach(async () => {
    folder = join(base, 'drop');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await chmod(base, 0o755);
  });

  const put = (name: string, content: string | Buffer): Promise<void> => writeFile(join(folder, name), content);
  const sourceOf = (change: Partial<FilePull['file']> = {}): FilePull => ({
    file: { url: `file://${folder}`, files: '**/*', format: 'csv', settle: '0s', ...change },
  });
  const textsOf = (pages: readonly SourcePage<object>[]): string[] =>
    pages.flatMap(({ parts }) => parts).map(({ payload }) => Buffer.from(payload).toString());
  const rowsOf = (pages: readonly SourcePage<object>[]): unknown[] =>
    textsOf(pages).flatMap((text) => JSON.parse(text) as unknown[]);
  const lines = (from: number, to: number, note = NOTE): string =>
    Array.from({ length: to - from + 1 }, (_, at) => `${from + at},${note}\n`).join('');
  const csv = (from: number, to: number, note = NOTE): string => `id,note\n${lines(from, to, note)}`;
  /** Of pages of csv as it came. */
  const ids = (pages: readonly SourcePage<object>[]): number[] =>
    textsOf(pages)
      .flatMap((text) => text.trim().split('\n').slice(1))
      .map((row) => Number(row.split(',')[0]));
  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const stateOf = (pages: readonly SourcePage<FileState>[]): FileState => pages.at(-1)?.state ?? {};

  it('reads each file once, in the order of their names, and what is new with the next pull', async () => {
    await mkdir(join(folder, 'b'));
    await put('b/2.csv', csv(3, 4));
    await put('a.csv', csv(1, 2));
    await put('empty.csv', '');
    const first = await readAll(reader, sourceOf());
    expect(ids(first)).toEqual([1, 2, 3, 4]);
    expect(reader.positionOf(stateOf(first))).toBe('3 files');
    await put('a0.csv', csv(5, 5));
    const second = await readAll(reader, sourceOf(), { state: stateOf(first) });
    expect(ids(second)).toEqual([5]);
    expect(await readAll(reader, sourceOf(), { state: stateOf(second) })).toEqual([]);
  });

  it('goes on at the row at which it was interrupted, also when other files came', async () => {
    await put('b.csv', csv(1, ROWS));
    const seen: number[] = [];
    let state: FileState = {};
    for (let pulls = 0; pulls < 6; pulls += 1) {
      const pages = await readAll(reader, sourceOf(), { state, diesAfter: () => true });
      seen.push(...ids(pages));
      if (pages.length > 0) state = stateOf(pages);
      if (pulls === 0) expect(reader.positionOf(state)).toMatch(/^b.csv, row [2-9]\d\d\d$/);
      if (pulls === 0) await put('a.csv', csv(ROWS + 1, ROWS + 1));
    }
    expect(seen).toEqual(upTo(1, ROWS + 1));
  });

  it('reads one that changed from its beginning, also while it was read', async () => {
    await put('a.csv', csv(1, 2, 'a'));
    const first = await readAll(reader, sourceOf());
    await put('a.csv', csv(1, 3, 'b'));
    const second = await readAll(reader, sourceOf(), { state: stateOf(first) });
    expect(ids(second)).toEqual([1, 2, 3]);
    await put('a.csv', csv(1, ROWS));
    const third = await readAll(reader, sourceOf(), { state: stateOf(second), diesAfter: () => true });
    await put('a.csv', csv(5, 6));
    expect(ids(await readAll(reader, sourceOf(), { state: stateOf(third) }))).toEqual([5, 6]);
  });

  it('takes what was written behind the rows that were read, and nothing of them again', async () => {
    await put('a.csv', csv(1, 2));
    await put('a.ndjson', '{"id":1}\n');
    const csvs = sourceOf({ files: '*.csv' });
    const first = await readAll(reader, csvs);
    await appendFile(join(folder, 'a.csv'), lines(3, ROWS));
    const second = await readAll(reader, csvs, { state: stateOf(first), diesAfter: () => true });
    const third = await readAll(reader, csvs, { state: stateOf(second) });
    expect([...ids(second), ...ids(third)]).toEqual(upTo(3, ROWS));
    const ndjsons = sourceOf({ files: '*.ndjson', format: 'ndjson' });
    const lined = await readAll(reader, ndjsons);
    await appendFile(join(folder, 'a.ndjson'), '{"id":2}\n');
    expect(textsOf(await readAll(reader, ndjsons, { state: stateOf(lined) }))).toEqual(['{"id":2}\n']);
  });

  it('reads a longer file anew that is not the one that was read with more behind it', async () => {
    await put('a.csv', csv(1, 3, 'open'));
    const first = await readAll(reader, sourceOf());
    await put('a.csv', csv(1, 4, 'open').replace('2,open', '2,shut'));
    expect(ids(await readAll(reader, sourceOf(), { state: stateOf(first) }))).toEqual([1, 2, 3, 4]);
    await put('a.csv', 'id,note\n1,half');
    const half = await readAll(reader, sourceOf());
    await appendFile(join(folder, 'a.csv'), ' and half\n');
    expect(textsOf(await readAll(reader, sourceOf(), { state: stateOf(half) }))).toEqual([
      'id,note\n1,half and half\n',
    ]);
  });

  it('forgets a file that went away: it is another when it comes again under another name', async () => {
    await put('a.csv', csv(1, 3));
    const first = await readAll(reader, sourceOf());
    await rename(join(folder, 'a.csv'), join(folder, 'c.csv'));
    const second = await readAll(reader, sourceOf(), { state: stateOf(first) });
    expect(ids(second)).toEqual([1, 2, 3]);
    expect(Object.keys(stateOf(second).read ?? {})).toHaveLength(1);
  });

  it('takes no row of a file that is written while it is read, but for those before', async () => {
    await put('a.csv', csv(1, ROWS));
    const first = await readAll(reader, sourceOf(), {
      commits: (_, nth) => nth !== 0 || (appendFileSync(join(folder, 'a.csv'), '9,'), true),
    });
    expect(stateOf(first).read).toEqual({});
    await appendFile(join(folder, 'a.csv'), 'whole\n');
    const rest = await readAll(reader, sourceOf(), { state: stateOf(first) });
    expect(ids(rest)).toEqual([...upTo(1, ROWS), 9]);
  });

  it('leaves a file alone that was just written', async () => {
    await put('a.csv', csv(1, 2));
    expect(await readAll(reader, sourceOf({ settle: '1h' }))).toEqual([]);
    await utimes(join(folder, 'a.csv'), 0, 0);
    expect(ids(await readAll(reader, sourceOf({ settle: '1h' })))).toEqual([1, 2]);
  });

  it('goes on in a file that grew, also when others were read while somebody wrote to it', async () => {
    const settled = (name: string): Promise<void> => utimes(join(folder, name), 0, 0);
    const source = sourceOf({ settle: '1h' });
    await put('log.csv', csv(1, 2));
    await settled('log.csv');
    const first = await readAll(reader, source);
    await appendFile(join(folder, 'log.csv'), lines(3, 3));
    await put('other.csv', csv(9, 9));
    await settled('other.csv');
    const second = await readAll(reader, source, { state: stateOf(first) });
    expect(ids(second)).toEqual([9]);
    await settled('log.csv');
    expect(ids(await readAll(reader, source, { state: stateOf(second) }))).toEqual([3]);
  });

  it('keeps csv as it came, rows that do not fit their header among them', async () => {
    await put('a.csv', '\ufeffid,note\r\n007," x, ""y""\r\nz"\r\n\r\n1\r\nNULL,\r\n');
    expect(textsOf(await readAll(reader, sourceOf()))).toEqual(['id,note\n007," x, ""y""\r\nz"\n1\nNULL,\n']);
  });

  it('reads csv of another delimiter, or with where it came from, without a guess', async () => {
    await put('a.csv', 'id;t\n007; "x\n8;"x; ""y""\nz"\nNULL;\n9\n');
    expect(rowsOf(await readAll(reader, sourceOf({ delimiter: ';', placeAs: 'from' })))).toEqual([
      {
        from: { file: 'a.csv', row: 2 },
        problem: 'field 2 has a quote in it and does not begin with one',
        text: '007; "x',
      },
      { from: { file: 'a.csv', row: 3 }, id: '8', t: 'x; "y"\nz' },
      { from: { file: 'a.csv', row: 4 }, id: 'NULL', t: '' },
      { from: { file: 'a.csv', row: 5 }, problem: 'has 1 fields; the header names 2', text: '9' },
    ]);
  });

  it('keeps ndjson and json as they came, lines that are no JSON among them', async () => {
    await put('a.ndjson', '\ufeff{"n": 12345678901234567890}\r\n\nnot json\n[1.0]');
    await put('a.json', '[{"n": 1.0}, {"n": 12345678901234567890}]');
    await put('one.json', ' {"n": 1.0}\n');
    const lined = await readAll(reader, sourceOf({ files: '*.ndjson', format: 'ndjson' }));
    expect(textsOf(lined).join('')).toBe('{"n": 12345678901234567890}\nnot json\n[1.0]\n');
    const values = await readAll(reader, sourceOf({ files: '*.json', format: 'json' }));
    expect(textsOf(values)).toEqual(['[{"n": 1.0},{"n": 12345678901234567890}]', '[{"n": 1.0}]']);
    const placed = await readAll(reader, sourceOf({ files: '*.ndjson', format: 'ndjson', placeAs: 'from' }));
    expect(textsOf(placed).join('')).toBe(
      '{"from":{"file":"a.ndjson","row":1},"n": 12345678901234567890}\nnot json\n[1.0]\n',
    );
  });

  it.each(['csv', 'ndjson', 'json'] as const)('reads %s in gzip, and goes on within it', async (format) => {
    const rows = upTo(1, ROWS).map((id) => (format === 'csv' ? `${id},${NOTE}` : JSON.stringify({ id, note: NOTE })));
    const text =
      format === 'json' ? `[${rows.join(',')}]` : `${[...(format === 'csv' ? ['id,note'] : []), ...rows].join('\n')}`;
    await put('a.gz', gzipSync(text));
    const source = sourceOf({ format });
    const first = await readAll(reader, source, { diesAfter: (nth) => nth === 2 });
    const second = await readAll(reader, source, { state: stateOf(first) });
    const counts = [...first, ...second].map(({ count }) => count);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ROWS);
    expect(counts.length).toBeGreaterThan(2);
    const seen = textsOf([...first, ...second])
      .join('\n')
      .match(/^(\d+)(?=,)|(?<="id":)\d+/gm)
      ?.map(Number);
    expect(seen).toEqual(upTo(1, ROWS));
  });

  it('reads parquet with all digits, and times in RFC 3339', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`COPY (SELECT 9007199254740993::BIGINT AS big, 1.10::DECIMAL(9, 2) AS price,
      TIMESTAMP '2026-01-01 00:00:00.5' AS at, TIMESTAMPTZ '2026-01-01 01:00:00+01' AS zoned, 'nan'::DOUBLE AS none,
      2.5::DOUBLE AS some, 'x'::BLOB AS bytes, 7::INTEGER AS "the row", NULL::DOUBLE AS gone, [1, 2] AS list)
      TO '${join(folder, 'a.parquet')}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    expect(rowsOf(await readAll(reader, sourceOf({ format: 'parquet' })))).toEqual([
      {
        big: '9007199254740993',
        price: '1.10',
        at: '2026-01-01T00:00:00.500000Z',
        zoned: '2026-01-01T00:00:00.000000Z',
        none: 'nan',
        some: 2.5,
        bytes: 'eA==',
        'the row': 7,
        gone: null,
        list: [1, 2],
      },
    ]);
  });

  it.each([
    ['csv', 'id,note\n1,"a\n', /^"a.gz" cannot be read further: row 2 opens a quote/],
    ['csv', 'id,note,id\n1,a,2\n', /^"a.gz" cannot be read further: The header row names the column "id" twice/],
    ['csv', 'id,\n1,a\n', /^"a.gz" cannot be read further: The header row: column 2 is called ""/],
    ['json', '[{"a":1},', /^"a.gz" cannot be read further: its text breaks off in row 2/],
    ['ndjson', `1\n${'['.repeat(65)}${']'.repeat(65)}`, /^"a.gz" cannot be read further: row 2 nests deeper/],
  ] as const)('names the file and the place at which it cannot be read: %s', async (format, content, message) => {
    await put('a.gz', gzipSync(content));
    await expect(readAll(reader, sourceOf({ format }))).rejects.toMatchObject({
      code: 'pull.file_malformed',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['csv', 'ndjson', 'json'] as const)(
    'does not take the half of a %s in gzip for the whole',
    async (format) => {
      const noise = Array.from({ length: 2_000 }, (_, at) => JSON.stringify(`${at * 7_919}`));
      const text = format === 'json' ? `[${noise.join(',')}]` : noise.join('\n');
      await put('a.gz', gzipSync(text).subarray(0, -100));
      await expect(readAll(reader, sourceOf({ format }))).rejects.toMatchObject({
        code: 'pull.file_malformed',
        message: expect.stringContaining('its gzip does not inflate (unexpected end of file)') as string,
      });
    },
  );

  it('says that a parquet file is none, or breaks off', async () => {
    const broken = sourceOf({ format: 'parquet' });
    for (const content of ['PAR1 or not', `PAR1${'x'.repeat(100)}PAR1`]) {
      await put('a', content);
      await expect(readAll(reader, broken)).rejects.toMatchObject({
        code: 'pull.file_malformed',
        message: expect.stringMatching(/^"a" cannot be read further: /) as string,
      });
    }
  });

  it('stops at a row that is too large for a record, and says where it is', async () => {
    await put('a.csv', `id,note\n1,x\n2,${'x'.repeat(2 ** 20)}\n`);
    await expect(readAll(reader, sourceOf())).rejects.toMatchObject({
      code: 'pull.record_too_large',
      message: expect.stringContaining('Row 3 of "a.csv"') as string,
    });
  });

  it('does not inflate a bomb: a row ends it that is too large', async () => {
    await put('a.gz', gzipSync(Buffer.alloc(200 * 2 ** 20, 'x')));
    await expect(readAll(reader, sourceOf({ format: 'ndjson' }))).rejects.toMatchObject({
      code: 'pull.record_too_large',
      message: expect.stringContaining('Row 1 of "a.gz" makes a record of over 1048576 bytes') as string,
    });
  });

  it('reads 500 small files in few pages', async () => {
    for (const at of upTo(1, 500)) await put(`${at}.csv`, csv(at, at));
    const pages = await readAll(reader, sourceOf());
    expect([pages.length, new Set(ids(pages)).size]).toEqual([5, 500]);
    expect(reader.positionOf(stateOf(pages))).toBe('500 files');
  });

  it('shows the first rows of the first file', async () => {
    await put('a.csv', csv(1, 3));
    expect(ids(await readAll(reader, sourceOf(), { peek: true }))).toEqual([1, 2, 3]);
  });

  it.each([
    ['a folder that nobody allowed', 'file:///etc'],
    ['a way out of one', 'file://BASE/drop/../../etc'],
    ['an encoded way out', 'file://BASE/drop/%2e%2e/%2e%2e'],
    ['a folder whose name begins the same', 'file://BASE/drop2'],
    ['a link to another folder', 'file://BASE/drop/elsewhere'],
  ])('reads nothing outside of the folders that the operator allows: %s', async (_, url) => {
    await mkdir(join(base, 'drop2'), { recursive: true });
    await symlink('/etc', join(folder, 'elsewhere'));
    await expect(readAll(reader, sourceOf({ url: url.replace('BASE', base) }))).rejects.toMatchObject({
      code: 'pull.folder_refused',
    });
  });

  it('follows no link in an allowed folder, be it to a file or to a folder', async () => {
    await mkdir(join(base, 'secret'), { recursive: true });
    await writeFile(join(base, 'secret', 'keys.csv'), csv(1, 9));
    await symlink(join(base, 'secret'), join(folder, 'there'));
    await symlink(join(base, 'secret', 'keys.csv'), join(folder, 'keys.csv'));
    await put('.hidden.csv', csv(1, 1));
    await put('own.csv', csv(10, 10));
    expect(ids(await readAll(reader, sourceOf()))).toEqual([10]);
    await link(join(folder, 'own.csv'), join(folder, 'second.csv')); // a name of a file that is there anyway
    expect(ids(await readAll(reader, sourceOf()))).toEqual([10, 10]);
  });

  it('fails by name where a file or a folder may not be read, rather than to pass it by', async () => {
    await put('a.csv', csv(1, 1));
    await mkdir(join(folder, 'closed'));
    await put('closed/b.csv', csv(2, 2));
    const refusal = (name: string): object => ({
      code: 'pull.file_unreadable',
      message: expect.stringContaining(`"${name}" may not be read (EACCES)`) as string,
    });
    await chmod(join(folder, 'closed'), 0);
    await expect(asNobody(() => readAll(reader, sourceOf()))).rejects.toMatchObject(refusal('closed/'));
    expect(ids(await asNobody(() => readAll(reader, sourceOf({ files: '*.csv' }))))).toEqual([1]);
    await chmod(join(folder, 'closed'), 0o755);
    await chmod(join(folder, 'closed', 'b.csv'), 0);
    await expect(asNobody(() => readAll(reader, sourceOf()))).rejects.toMatchObject(refusal('closed/b.csv'));
    await chmod(join(folder, 'closed', 'b.csv'), 0o644);
    expect(ids(await asNobody(() => readAll(reader, sourceOf())))).toEqual([1, 2]);
  });

  it('says that a folder is not there', async () => {
    await expect(readAll(reader, sourceOf({ url: `file://${folder}/none` }))).rejects.toMatchObject({
      code: 'pull.refused',
      message: expect.stringContaining('There is no folder') as string,
    });
  });

  describe('in a bucket', () => {
    const bucketOf = (change: Partial<FilePull['file']> = {}): FilePull => ({
      file: {
        url: `${s3.url}/incoming`,
        files: '**/*.csv',
        format: 'csv',
        auth: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
        ...change,
      },
    });

    it('reads each object once, and goes on at the row at which it was interrupted', async () => {
      const bucket = new S3ObjectStore(s3PlaceOf(`${s3.url}/incoming`, 'us-east-1'), bucketOf().file.auth!); // it has one
      await bucket.put('2026/a.csv', Buffer.from(csv(1, ROWS)));
      await bucket.put('2026/b.csv', Buffer.from(csv(ROWS + 1, ROWS + 2)));
      await bucket.put('other.txt', Buffer.from('no'));
      const first = await readAll(reader, bucketOf(), { diesAfter: (nth) => nth === 2 });
      const second = await readAll(reader, bucketOf(), { state: stateOf(first) });
      expect([...ids(first), ...ids(second)]).toEqual(upTo(1, ROWS + 2));
      expect(await readAll(reader, bucketOf(), { state: stateOf(second) })).toEqual([]);
      expect(await readdir(join(base, 'data', 'tmp', 'sources'))).toEqual([]); // nothing that was fetched is left
      await bucket.put('2026/b.csv', Buffer.from(csv(ROWS + 1, ROWS + 3)));
      const third = await readAll(reader, bucketOf(), { state: stateOf(second) });
      expect(ids(third)).toEqual([ROWS + 3]); // what was read of it is still there
    });

    it.each([
      ['an internal address', { url: 'https://10.0.0.1/bucket' }, 'egress.refused'],
      ['no such bucket', { bucket: 'nobucket' }, 'pull.refused'],
      ['a wrong key', { auth: { accessKeyId: 'x', secretAccessKey: 'y' } }, 'pull.auth'],
    ])(
      'says what is wrong: %s',
      async (_, { bucket, ...change }: Partial<FilePull['file']> & { bucket?: string }, code) => {
        const url = bucket === undefined ? {} : { url: `${new URL(s3.url).origin}/${bucket}` };
        await expect(readAll(reader, bucketOf({ ...change, ...url }))).rejects.toMatchObject({ code });
      },
    );
  });
});

/** Does it as a user whom permissions bind: they do not bind root. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.('nobody');
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
