import { HttpPull } from '#libs/documents/sources/http';
import {
  ApiServer,
  Heard,
  ids,
  MovedClock,
  openReader,
  pull,
  RETRY,
  SourceLike,
  sourceOf,
} from './http-reader.testing';

describe('the http source', () => {
  let api: ApiServer;

  beforeEach(async () => void (api = await ApiServer.start()));
  afterEach(() => api.stop());

  const source = (more?: SourceLike): HttpPull => sourceOf(api, more);
  const read = (more?: SourceLike) => pull(openReader(), source(more));

  describe('a source that misbehaves', () => {
    const paged = { http: { records: '$.items[*]' }, paginate: { cursor: { path: '$.next', param: 'after' } } };

    it('and gives the same cursor twice ends in an error', async () => {
      api.json((_heard, count) => ({ items: [{ id: count }], next: 'same' }));
      await expect(read(paged)).rejects.toMatchObject({ code: 'pull.cursor_repeats' });
      expect(api.heard.length).toBeLessThan(4);
    });

    it.each([2, 3, 7, 50])('and goes round in a loop of %d cursors ends in an error', async (length) => {
      api.json((_heard, count) => ({ items: [{ id: count }], next: `c${count % length}` }));
      await expect(read(paged)).rejects.toMatchObject({ code: 'pull.cursor_repeats' });
      expect(api.heard.length).toBeLessThan(4 * length + 4);
    });

    it('and names the same next page again ends in an error', async () => {
      api.json((_heard, count) => ({ items: [{ id: count }], next: '/items?page=2' }));
      await expect(
        read({ http: { records: '$.items[*]' }, paginate: { nextUrl: { path: '$.next' } } }),
      ).rejects.toMatchObject({ code: 'pull.cursor_repeats' });
    });

    it('and does not heed the offset ends in an error', async () => {
      api.json(() => ids(0, 10));
      await expect(
        read({ paginate: { offset: { param: 'offset', size: { param: 'limit', value: 10 } } } }),
      ).rejects.toMatchObject({ code: 'pull.page_repeats' });
      expect(api.heard).toHaveLength(2);
    });

    it('and promises more with an empty page ends in an error, unless that was allowed', async () => {
      api.json(({ url }) => {
        const at = Number(url.searchParams.get('after') ?? 0);
        return { items: at === 1 ? [] : [{ id: at }], next: at < 2 ? String(at + 1) : '' };
      });
      await expect(read(paged)).rejects.toMatchObject({ code: 'pull.empty_page' });
      const { records } = await read({ ...paged, paginate: { ...paged.paginate, emptyPages: 1 } });
      expect(records).toEqual([{ id: 0 }, { id: 2 }]);
    });

    it('and says that there is more without a next page ends in an error', async () => {
      api.json(() => ({ items: [{ id: 1 }], more: true }));
      await expect(read({ ...paged, paginate: { ...paged.paginate, more: '$.more' } })).rejects.toMatchObject({
        code: 'pull.more_without_cursor',
      });
    });

    it('and goes behind the cursor that it was asked for ends in an error, and the cursor stays', async () => {
      const cursor = { path: '$.at', param: 'since', start: '2020-01-01T00:00:00Z', lookback: '1h' };
      api.json(() => [{ at: '2024-01-01T12:00:00Z' }]);
      const { state } = await read({ cursor });
      api.json(() => [{ at: '2023-06-01T00:00:00Z' }]);
      await expect(pull(openReader(), source({ cursor }), state)).rejects.toMatchObject({
        code: 'pull.cursor_backwards',
        message: expect.stringContaining('2024-01-01T11:00:00.000Z') as string,
      });
    });

    it('and ends the connection in the middle is asked again', async () => {
      api.reply = (_heard, response, count) => {
        if (count === 1) return response.destroy();
        if (count === 2)
          return (response.writeHead(200, { 'content-length': 100 }).write('[{"id"'), response.destroy());
        return response.end('[{"id":1}]');
      };
      expect((await read()).records).toEqual([{ id: 1 }]);
    });
  });

  describe('cursors', () => {
    it.each([
      ['time', undefined, '2024-05-01T10:00:00.500Z', '10m', '2024-05-01T09:50:00.500Z'],
      ['time', 'rfc3339_s', '2024-05-01T10:00:00.500Z', undefined, '2024-05-01T10:00:00Z'],
      ['time', 'epoch_s', 1_714_557_600, '1h', '1714554000'],
      ['time', 'epoch_ms', '1714557600000', undefined, '1714557600000'],
      ['time', 'date', '2024-05-01T10:00:00Z', '1d', '2024-04-30'],
      ['number', undefined, 41, 10, '31'],
      ['number', undefined, '41', undefined, '41'],
      ['text', undefined, '01HX-b', undefined, '01HX-b'],
    ] as const)('of the type %s and format %s go on from %s', async (type, format, newest, lookback, sent) => {
      const start = { time: '2020-01-01T00:00:00Z', number: 0, text: '' }[type];
      const cursor = { path: '$.c', type, format, param: 'since', start, lookback };
      api.json(() => [{ c: newest }, {}, { c: null }]);
      const { state } = await read({ cursor });
      await pull(openReader(), source({ cursor }), state);
      expect(api.heard[1]?.url.searchParams.get('since')).toBe(sent);
    });

    it('never go back behind the newest value that a finished pull saw', async () => {
      const cursor = { path: '$.c', type: 'number', param: 'since', lookback: 5 } as const;
      api.json(() => [{ c: 9 }, { c: 3 }]);
      const first = await read({ cursor });
      expect(api.paths[0]).toBe('/items');
      api.json(() => [{ c: 7 }]);
      const second = await pull(openReader(), source({ cursor }), first.state);
      expect(second.state.highWater).toBe(9);
    });

    it('of another URL, or another field, are not carried over', async () => {
      const cursor = { path: '$.c', type: 'number', param: 'since' } as const;
      api.json(() => [{ c: 9 }]);
      const { state } = await read({ cursor });
      await pull(openReader(), source({ cursor, http: { url: `${api.origin}/others` } }), state);
      await pull(openReader(), source({ cursor: { ...cursor, path: '$.d' } }), state);
      await pull(openReader(), source({ cursor }), state);
      expect(api.paths.slice(1)).toEqual(['/others', '/items', '/items?since=9']);
    });
  });

  describe('windows of time', () => {
    const HOUR = 3_600_000;
    const windowed = (start: string): HttpPull =>
      source({
        http: { query: { until: '${window.to}' } },
        cursor: { path: '$.at', param: 'since', start },
        window: { size: '1h' },
      });

    it('cover everything from the start to now, without a gap', async () => {
      const start = new Date(Date.now() - 3.5 * HOUR).toISOString();
      await pull(openReader(), windowed(start));
      const spans = api.heard.map(({ url }) =>
        ['since', 'until'].map((name) => Date.parse(url.searchParams.get(name)!)),
      );
      expect(spans).toHaveLength(4);
      expect(new Date(spans[0]![0]!).toISOString()).toBe(start);
      for (let at = 1; at < spans.length; at += 1) expect(spans[at]![0]).toBe(spans[at - 1]![1]! - 1);
      expect(Date.now() - spans.at(-1)![1]!).toBeLessThan(60_000);
    });

    it('that are done are not asked for again after an interruption, however long', async () => {
      const clock = new MovedClock();
      const start = new Date(Date.now() - 3.5 * HOUR).toISOString();
      const { state } = await pull(openReader(clock), windowed(start), {}, { pagesMax: 2 });
      clock.aheadMs = HOUR;
      await pull(openReader(clock), windowed(start), state);
      const since = api.heard.map(({ url }) => url.searchParams.get('since')!);
      expect(since[2]).toBe(new Date(Date.parse(start) + 2 * HOUR - 1).toISOString());
      expect(since).toHaveLength(5);
    });
  });

  describe('children of parents', () => {
    const family: SourceLike = {
      http: { records: '$.rows[*]' },
      paginate: { cursor: { path: '$.next', param: 'after' } },
    };
    const served = ({ url }: Heard): unknown => {
      if (url.pathname === '/parents') {
        const page = Number(url.searchParams.get('p') ?? 1);
        return page > 2 ? [] : [{ key: `${page}a` }, { key: `${page}b` }];
      }
      const name = url.pathname.split('/')[2];
      const second = url.searchParams.get('after') === '2';
      return { rows: [{ id: `${name}-${second ? 2 : 1}` }], next: second ? undefined : '2' };
    };
    const childrenOf = (concurrency: number): HttpPull =>
      source({
        ...family,
        http: { ...family.http, url: `${api.origin}/of/\${parent.key}/children` },
        parent: {
          http: { url: `${api.origin}/parents` },
          paginate: { page: { param: 'p' } },
          values: { key: '$.key' },
          as: 'parent',
        },
        limits: { concurrency, retry: RETRY },
      });
    const all = ['1a', '1b', '2a', '2b'].flatMap((key) =>
      [1, 2].map((page) => ({ parent: { key }, id: `${key}-${page}` })),
    );
    const sorted = (records: unknown[]): unknown[] =>
      [...records].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

    it.each([1, 3])('are all asked for, %d at once, and know whose they are', async (concurrency) => {
      api.json(served);
      const { records, end } = await pull(openReader(), childrenOf(concurrency));
      expect(sorted(records)).toEqual(sorted(all));
      expect(end).toEqual({ done: true });
    });

    it('are each taken once, wherever the pull was interrupted', async () => {
      api.json(served);
      for (const concurrency of [1, 2, 3]) {
        const records: unknown[] = [];
        let state = {};
        for (;;) {
          const piece = await pull(openReader(), childrenOf(concurrency), state, { pagesMax: 1 });
          records.push(...piece.records);
          ({ state } = piece);
          if (piece.pages.length === 0 || !('open' in piece.state)) break;
        }
        expect(sorted(records)).toEqual(sorted(all));
      }
    });

    it('that came are kept when others at the same time failed', async () => {
      api.reply = (heard, response) => {
        if (heard.url.pathname.includes('1b')) return response.writeHead(404).end();
        return response.end(JSON.stringify(served(heard)));
      };
      const reader = openReader();
      const first = await pull(reader, childrenOf(2), {}, { pagesMax: 2 });
      expect(first.records).toEqual([{ parent: { key: '1a' }, id: '1a-1' }]);
      await pull(reader, childrenOf(2), first.state, { pagesMax: 1 });
      await expect(pull(reader, childrenOf(1), {})).rejects.toMatchObject({ code: 'pull.refused' });
    });
  });
});
