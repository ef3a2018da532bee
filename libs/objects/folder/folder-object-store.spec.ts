import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectStore } from '../object-store';
import {
  byteOrderConformance,
  conditionalPutConformance,
  joined,
  objectStoreConformance,
} from '../object-store.conformance';
import { FolderObjectStore } from './folder-object-store';

describe('the folder engine', () => {
  let folder: string;
  let store: ObjectStore;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chartly-objects-'));
    store = await FolderObjectStore.open(join(folder, 'objects'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  objectStoreConformance(() => store);
  byteOrderConformance(() => store);
  conditionalPutConformance(() => store);

  it('gives the object as it was when reading began, though it is replaced and deleted meanwhile', async () => {
    await store.put('p/a', Buffer.from('before'));
    const { body } = await store.get('p/a');
    await store.put('p/a', Buffer.from('after!'));
    await store.delete('p/a');
    expect(String(await joined(body))).toBe('before');
  });

  it('leaves no folder and no unfinished file behind', async () => {
    await store.put('q/r/s', Buffer.from('x'));
    await store.delete('q/r/s');
    expect(existsSync(join(folder, 'objects', 'q'))).toBe(false);
    expect(readdirSync(join(folder, 'objects', '.unfinished'))).toEqual([]);
  });

  it('clears away what a killed put left a day ago, and lists nothing of it', async () => {
    const unfinished = join(folder, 'other', '.unfinished');
    mkdirSync(unfinished, { recursive: true });
    for (const name of ['old', 'new']) writeFileSync(join(unfinished, name), 'half');
    utimesSync(join(unfinished, 'old'), 1_000_000_000, 1_000_000_000);
    const other = await FolderObjectStore.open(join(folder, 'other'));
    expect(readdirSync(unfinished)).toEqual(['new']);
    expect((await other.list('')).objects).toEqual([]);
  });

  it('follows no link out of its folder', async () => {
    writeFileSync(join(folder, 'secret'), 'secret');
    await store.put('l/real', Buffer.from('x'));
    symlinkSync(join(folder, 'secret'), join(folder, 'objects', 'l', 'link'));
    await expect(store.get('l/link')).rejects.toMatchObject({ code: 'object.unknown' });
    expect(await store.head('l/link')).toBeUndefined();
    expect((await store.list('l/')).objects.map(({ key }) => key)).toEqual(['l/real']);
  });

  it('says that a key is part of another', async () => {
    await store.put('k/a', Buffer.from('x'));
    await expect(store.put('k/a/b', Buffer.from('x'))).rejects.toMatchObject({ code: 'object.key_taken' });
    await expect(store.put('k', Buffer.from('x'))).rejects.toMatchObject({ code: 'object.key_taken' });
    expect(String(await store.read('k/a', { maxBytes: 10 }))).toBe('x');
  });
});
