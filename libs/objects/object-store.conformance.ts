import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ObjectInfo, ObjectStore } from './object-store';

const MIB = 2 ** 20;

async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const joined = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await gathered(body));

/** What every engine of the {@link ObjectStore} port does, alike. */
export function objectStoreConformance(open: () => ObjectStore): void {
  let store: ObjectStore;
  let folder: string;
  beforeEach(() => {
    store = open();
    folder = `t-${randomUUID()}`;
  });

  const key = (name: string): string => `${folder}/${name}`;
  const text = async (name: string): Promise<string> => String(await store.read(key(name), { maxBytes: MIB }));
  const keysOf = (objects: readonly ObjectInfo[]): string[] => objects.map((one) => one.key.slice(folder.length + 1));

  async function* chunks(total: number, each: number, seed = 'x'): AsyncGenerator<Buffer> {
    for (let at = 0; at < total; at += each) {
      yield Buffer.alloc(Math.min(each, total - at), `${seed}${at}`);
    }
  }

  describe('putting and getting', () => {
    it('gives back what was put, with its size, etag and time', async () => {
      const put = await store.put(key('a/b.txt'), Buffer.from('hello'));
      const { info, body } = await store.get(key('a/b.txt'));
      expect(String(await joined(body))).toBe('hello');
      expect(info).toMatchObject({ key: key('a/b.txt'), bytes: 5, etag: put.etag });
      expect(await store.head(key('a/b.txt'))).toEqual(info);
      expect(Math.abs(info.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000);
    });

    it('keeps an empty object', async () => {
      await store.put(key('empty'), new Uint8Array());
      expect(await text('empty')).toBe('');
      expect(await store.head(key('empty'))).toMatchObject({ bytes: 0 });
    });

    it('replaces an object, and gives it another etag', async () => {
      const first = await store.put(key('a'), Buffer.from('one'));
      const second = await store.put(key('a'), Buffer.from('two'));
      expect(second.etag).not.toBe(first.etag);
      expect(await text('a')).toBe('two');
    });

    it.each([
      'with space.txt',
      'plus+and&percent%20.txt',
      'ünïcode-日本.txt',
      "quote'(1)!*.txt",
      'dt=2026-01-01/part,0',
    ])('takes the key %s', async (name) => {
      await store.put(key(name), Buffer.from(name));
      expect(await text(name)).toBe(name);
      expect(keysOf((await store.list(`${folder}/`)).objects)).toEqual([name]);
    });

    it.each([
      '',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      '../a',
      'a/../../b',
      'a/./b',
      '.hidden',
      'a\\b',
      'a\0b',
      'a\nb',
      '\ud800',
      'x'.repeat(201),
    ])('refuses %j as a key', async (wrong) => {
      const malformed = { code: 'object.key_malformed' };
      await expect(store.put(wrong, Buffer.from('x'))).rejects.toMatchObject(malformed);
      await expect(store.get(wrong)).rejects.toMatchObject(malformed);
      await expect(store.head(wrong)).rejects.toMatchObject(malformed);
      await expect(store.delete(wrong)).rejects.toMatchObject(malformed);
    });

    it('says that an object is unknown', async () => {
      await expect(store.get(key('nothing'))).rejects.toMatchObject({ code: 'object.unknown', status: 404 });
      expect(await store.head(key('nothing'))).toBeUndefined();
      await store.put(key('file'), Buffer.from('x'));
      expect(await store.head(key('file/below'))).toBeUndefined();
    });
  });

  describe('ranges', () => {
    beforeEach(() => store.put(key('r'), Buffer.from('0123456789')));
    const part = async (start: number, end?: number): Promise<string> =>
      String(await store.read(key('r'), { range: { start, ...(end === undefined ? {} : { end }) }, maxBytes: MIB }));

    it.each([
      [0, 1, '0'],
      [3, 7, '3456'],
      [9, 10, '9'],
      [0, 10, '0123456789'],
      [5, 500, '56789'],
      [4, undefined, '456789'],
    ])('gives bytes %i to %s', async (start, end, expected) => {
      expect(await part(start, end)).toBe(expected);
      const got = await store.get(key('r'), { range: { start, ...(end === undefined ? {} : { end }) } });
      await got.close();
      expect(got.info.bytes).toBe(10);
    });

    it.each([
      [10, 11],
      [4, 4],
      [5, 2],
      [-1, 3],
    ])('refuses bytes %i to %i', async (start, end) => {
      await expect(part(start, end)).rejects.toMatchObject({ code: 'object.range' });
    });
  });

  describe('large objects', () => {
    it('streams 40 MiB in and out, whole, and any part of it', async () => {
      const sent = createHash('sha256');
      const body = async function* (): AsyncGenerator<Buffer> {
        for await (const piece of chunks(40 * MIB + 17, 700_001)) {
          sent.update(piece);
          yield piece;
        }
      };
      const { bytes } = await store.put(key('large'), body());
      const got = createHash('sha256');
      const { info, body: read } = await store.get(key('large'));
      for await (const piece of read) got.update(piece);
      expect([bytes, info.bytes]).toEqual([40 * MIB + 17, 40 * MIB + 17]);
      expect(got.digest('hex')).toBe(sent.digest('hex'));
      const range = { start: 9 * MIB, end: 9 * MIB + 5 };
      expect(await store.read(key('large'), { range, maxBytes: 5 })).toHaveLength(5);
    });

    it('keeps nothing of a body that breaks off, and what was there stays', async () => {
      await store.put(key('kept'), Buffer.from('before'));
      const broken = async function* (): AsyncGenerator<Buffer> {
        yield* chunks(20 * MIB, MIB);
        throw new Error('the sender is gone');
      };
      await expect(store.put(key('kept'), broken())).rejects.toThrow('the sender is gone');
      await expect(store.put(key('new'), broken())).rejects.toThrow('the sender is gone');
      expect(await text('kept')).toBe('before');
      expect(keysOf((await store.list(`${folder}/`)).objects)).toEqual(['kept']);
    });

    it('bounds what is put and what is read at once', async () => {
      await expect(store.put(key('b'), chunks(3 * MIB, MIB), { maxBytes: 2 * MIB })).rejects.toMatchObject({
        code: 'object.too_large',
      });
      expect(await store.head(key('b'))).toBeUndefined();
      await store.put(key('b'), chunks(2 * MIB, MIB), { maxBytes: 2 * MIB });
      await expect(store.read(key('b'), { maxBytes: MIB })).rejects.toMatchObject({ code: 'object.too_large' });
    });

    it('stops when it is told to', async () => {
      const abort = new AbortController();
      const body = async function* (): AsyncGenerator<Buffer> {
        yield randomBytes(MIB);
        abort.abort(new Error('told to stop'));
        yield randomBytes(MIB);
      };
      await expect(store.put(key('s'), body(), { signal: abort.signal })).rejects.toThrow();
      expect(await store.head(key('s'))).toBeUndefined();
    });
  });

  describe('listing', () => {
    const names = ['a/1', 'b/1', 'b/2', 'b/sub/3', 'b0', 'ß', '日本'];

    it('lists by prefix in the order of the bytes, page by page', async () => {
      for (const name of [...names].reverse()) await store.put(key(name), Buffer.from(name));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list(`${folder}/`, { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.objects.length).toBeLessThanOrEqual(3);
        seen.push(...keysOf(page.objects));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen).toEqual(names);
      expect(keysOf((await store.list(key('b'))).objects)).toEqual(['b/1', 'b/2', 'b/sub/3', 'b0']);
      expect(keysOf((await store.list(key('b/'))).objects)).toEqual(['b/1', 'b/2', 'b/sub/3']);
      expect((await store.list(key('nothing/'))).objects).toEqual([]);
      expect(keysOf(await gathered(store.all(`${folder}/`)))).toEqual(names);
      await expect(store.list('../')).rejects.toMatchObject({ code: 'object.key_malformed' });
    });
  });

  describe('deleting', () => {
    it('deletes once or twice, and leaves neighbours alone', async () => {
      await store.put(key('d/1'), Buffer.from('1'));
      await store.put(key('d/2'), Buffer.from('2'));
      await store.delete(key('d/1'));
      await store.delete(key('d/1'));
      await store.delete(key('never/there'));
      expect(keysOf((await store.list(`${folder}/`)).objects)).toEqual(['d/2']);
    });

    it('puts and deletes beside each other in one folder without harm', async () => {
      await Promise.all(
        Array.from({ length: 20 }, async (_, at) => {
          await store.put(key(`x/y/${at}`), Buffer.from(String(at)));
          if (at % 2 === 0) await store.delete(key(`x/y/${at}`));
        }),
      );
      expect(keysOf((await store.list(`${folder}/`)).objects)).toHaveLength(10);
    });
  });
}

/** What engines do that sort as the S3 API has it: a slash is a byte like any other. */
export function byteOrderConformance(open: () => ObjectStore): void {
  it('lists keys in the order of their bytes, though a folder sorts otherwise', async () => {
    const store = open();
    const folder = `t-${randomUUID()}/`;
    const names = ['a!b', 'a-1', 'a/1', 'a0/1', 'b'];
    for (const name of [...names].reverse()) await store.put(folder + name, Buffer.from(name));
    const keys: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await store.list(folder, { limit: 1, ...(cursor === undefined ? {} : { cursor }) });
      keys.push(...page.objects.map(({ key }) => key.slice(folder.length)));
      if (page.next === undefined) break;
      cursor = page.next;
    }
    expect(keys).toEqual(names);
  });
}

/** What engines do that can put an object only where there is none. */
export function conditionalPutConformance(open: () => ObjectStore): void {
  it('of ten that put at once only where nothing is, one succeeds and the others are told', async () => {
    const store = open();
    const key = `t-${randomUUID()}/once`;
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => store.put(key, Buffer.from(String(at)), { onlyIfAbsent: true })),
    );
    const winners = results.flatMap(({ status }, at) => (status === 'fulfilled' ? [String(at)] : []));
    expect(winners).toHaveLength(1);
    expect(String(await store.read(key, { maxBytes: 10 }))).toBe(winners[0]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'object.exists', status: 409 });
    }
  });
}
