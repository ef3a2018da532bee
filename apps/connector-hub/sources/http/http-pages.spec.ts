import { brotliCompressSync, gzipSync } from 'node:zlib';
import { HttpPull } from '#libs/documents/sources/http';
import { ApiServer, ids, MovedClock, openReader, pull, SourceLike, sourceOf } from './http-reader.testing';

describe('the http source', () => {
  let api: ApiServer;

  beforeEach(async () => void (api = await ApiServer.start()));
  afterEach(() => api.stop());

  const source = (more?: SourceLike): HttpPull => sourceOf(api, more);
  const read = (more?: SourceLike) => pull(openReader(), source(more));

  describe('a request', () => {
    it('carries method, headers, query and a JSON body whose templates keep their types', async () => {
      api.json(() => []);
      await read({
        http: {
          url: `${api.origin}/a b/\${cursor}`,
          method: 'POST',
          headers: { 'x-since': 'after ${cursor}' },
          query: { fields: 'id,name', deep: true, unset: '${page.cursor}' },
          body: { json: { since: '${cursor}', after: '${page.cursor}', text: 'costs $${5}', list: ['${cursor}', 1] } },
        },
        cursor: { path: '$.id', type: 'number', start: 7 },
        paginate: { cursor: { path: '$.next' } },
      });
      const [heard] = api.heard;
      expect(heard?.method).toBe('POST');
      expect(`${heard?.url.pathname}${heard?.url.search}`).toBe('/a%20b/7?fields=id%2Cname&deep=true');
      expect(heard?.headers).toMatchObject({ 'x-since': 'after 7', 'content-type': 'application/json' });
      expect(JSON.parse(heard?.body ?? '')).toEqual({ since: 7, text: 'costs ${5}', list: [7, 1] });
    });

    it('carries a form, or a text of any type', async () => {
      await read({ http: { method: 'POST', body: { form: { q: 'a&b', n: 2 } } } });
      await read({
        http: { method: 'PUT', body: { text: { type: 'application/graphql', value: '{ items { id } }' } } },
      });
      expect(api.heard.map(({ method, body }) => `${method} ${body}`)).toEqual([
        'POST q=a%26b&n=2',
        'PUT { items { id } }',
      ]);
      expect(api.heard[1]?.headers['content-type']).toBe('application/graphql');
    });

    it('keeps a value inside its piece of the URL, and refuses one that leads up', async () => {
      const parents = (): HttpPull =>
        source({
          http: { url: `${api.origin}/items/\${parent.id}/x` },
          parent: { http: { url: `${api.origin}/parents` }, values: { id: '$.id' } },
        });
      api.json(({ url }) => (url.pathname === '/parents' ? [{ id: 'a/../b?c#d' }] : []));
      await pull(openReader(), parents());
      expect(api.paths[1]).toBe('/items/a%2F..%2Fb%3Fc%23d/x');
      api.json(() => [{ id: '..' }]);
      await expect(pull(openReader(), parents())).rejects.toMatchObject({ code: 'pull.url_value' });
    });
  });

  describe('records', () => {
    it('are cut out as they came: numbers that JavaScript cannot hold among them', async () => {
      api.reply = (_heard, response) =>
        response.end('\ufeff{"data": {"items": [ {"id": 12345678901234567890, "v": 1.0},\n{"id":2} ], "n": 2}}');
      const { pages } = await read({ http: { records: '$.data.items[*]' } });
      expect(Buffer.from(pages[0]!.parts[0]!.payload).toString()).toBe(
        '[{"id": 12345678901234567890, "v": 1.0},{"id":2}]',
      );
    });

    it.each([
      ['$', '[{"id":1},{"id":2}]', [[{ id: 1 }, { id: 2 }]]],
      [undefined, '[{"id":1},{"id":2}]', [{ id: 1 }, { id: 2 }]],
      [undefined, '{"id":1}', [{ id: 1 }]],
      ['$[1][*]', '[{"total":2},[{"id":1},{"id":2}]]', [{ id: 1 }, { id: 2 }]],
      ['$.items[?@.ok == true].value', '{"items":[{"ok":true,"value":{"a":1}},{"ok":false,"value":2}]}', [{ a: 1 }]],
      ['$..id', '{"a":{"id":1},"b":[{"id":2}]}', [1, 2]],
      ['$.items[*]', '{"items":[]}', []],
      ['$.nothing[*]', '{"items":[1]}', []],
    ])('are selected by %s', async (records, body, expected) => {
      api.reply = (_heard, response) => response.end(body);
      expect((await read({ http: { records } })).records).toEqual(expected);
    });

    it('come as lines, rows or elements too, with the cursor read from each', async () => {
      const cursor = { path: '$.at', start: '2020-01-01T00:00:00Z' };
      const newest = async (format: 'ndjson' | 'csv' | 'xml', body: string, records?: string) => {
        api.reply = (_heard, response) => response.end(body);
        const { pages, state } = await read({ http: { format, records }, cursor });
        return { counts: pages.map(({ count }) => count), highWater: state.highWater };
      };
      const highWater = Date.parse('2021-05-05T00:00:00Z');
      expect(
        await newest('ndjson', '{"at":"2021-05-05T00:00:00Z"}\nnot json\n\n{"at":"2021-01-01T00:00:00Z"}\n'),
      ).toEqual({ counts: [3], highWater });
      expect(await newest('csv', 'id,at\n1,2021-01-01T00:00:00Z\n2,"2021-05-05T00:00:00Z"\n')).toEqual({
        counts: [2],
        highWater,
      });
      expect(await newest('xml', '<r><l><i><at>2021-05-05T00:00:00Z</at></i><i/></l></r>', '/r/l/i')).toEqual({
        counts: [2],
        highWater,
      });
    });

    it.each([
      ['ndjson', '\n'],
      ['csv', 'id,at\n'],
      ['csv', ''],
      ['xml', '<r/>'],
      ['json', '[]'],
    ] as const)('are none in an empty page of %s', async (format, body) => {
      api.reply = (_heard, response) => response.end(body);
      expect((await read({ http: { format } })).records).toEqual([]);
    });

    it('are none where the server says that there is no content', async () => {
      api.reply = (_heard, response) => response.writeHead(204).end();
      expect(await read()).toMatchObject({ records: [], end: { done: true } });
    });

    it.each([
      ['json', '<html>502</html>', 'pull.page_malformed'],
      ['json', '', 'pull.page_malformed'],
      ['json', `${'['.repeat(100)}${']'.repeat(100)}`, 'pull.page_malformed'],
      ['json', '[{"a":"\xff"}]', 'events.malformed'],
      ['xml', '<!DOCTYPE r [<!ENTITY a "b">]><r><i>&a;</i></r>', 'events.malformed'],
      ['xml', '<r><i></r>', 'events.malformed'],
      ['csv', 'id,id\n1,2\n', 'events.malformed'],
    ] as const)('rule 26: of %s that is none are refused, and nothing is taken', async (format, body, code) => {
      api.reply = (_heard, response) => response.end(Buffer.from(body, 'latin1'));
      await expect(read({ http: { format } })).rejects.toMatchObject({ code });
    });

    it.each([
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
      ['zstd', zstdRaw],
    ] as const)('come encoded as %s', async (encoding, encode) => {
      const body = encode(Buffer.from('[{"id":1}]'));
      api.reply = (_heard, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body);
      expect((await read()).records).toEqual([{ id: 1 }]);
      expect(api.heard[0]?.headers['accept-encoding']).toContain(encoding);
    });
  });

  describe('pagination', () => {
    const serve = (total: number, cap = Infinity) =>
      api.json(({ url }) => {
        const at = Number(url.searchParams.get('offset') ?? 0);
        const limit = Math.min(cap, Number(url.searchParams.get('limit')));
        return ids(at, Math.min(total, at + limit));
      });
    const offset = { param: 'offset', size: { param: 'limit', value: 10 } };

    it('by offset goes on to an empty page, so that a server that gives fewer than it is asked for loses nothing', async () => {
      serve(25, 4);
      const { records } = await read({ paginate: { offset } });
      expect(records).toEqual(ids(0, 25));
      expect(api.paths).toHaveLength(8);
    });

    it('by offset ends at a short page where that is said', async () => {
      serve(25);
      const { records } = await read({ paginate: { offset: { ...offset, end: 'short' } } });
      expect(records).toEqual(ids(0, 25));
      expect(api.paths).toHaveLength(3);
    });

    it('by page number', async () => {
      api.json(({ url }) => ids(Number(url.searchParams.get('p')) * 2, 5).slice(0, 2));
      const { records } = await read({ paginate: { page: { param: 'p', start: 0 } } });
      expect(records).toEqual(ids(0, 5));
    });

    it('by a cursor in the page, and by what the page says of more', async () => {
      api.json(({ url }) => {
        const at = Number(url.searchParams.get('after') ?? 0);
        return { items: ids(at, at + 2), next: at + 2, more: at < 4 };
      });
      const { records } = await read({
        http: { records: '$.items[*]' },
        paginate: { cursor: { path: '$.next', param: 'after' }, more: '$.more' },
      });
      expect(records).toEqual(ids(0, 6));
      expect(api.paths).toEqual(['/items', '/items?after=2', '/items?after=4']);
    });

    it('by the URL of the next page, relative ones too', async () => {
      api.json(({ url }) => {
        const at = Number(url.searchParams.get('at') ?? 0);
        return { items: ids(at, at + 1), next: at < 2 ? `?at=${at + 1}` : null };
      });
      const { records } = await read({ http: { records: '$.items[*]' }, paginate: { nextUrl: { path: '$.next' } } });
      expect(records).toEqual(ids(0, 3));
    });

    it('by the Link header (RFC 8288), whatever else stands in it', async () => {
      api.reply = ({ url }, response) => {
        const at = Number(url.searchParams.get('page') ?? 1);
        const links = ['<https://x/?a,b;rel=next>; rel="prev first"; title="rel=\\"next\\", <y>"'];
        if (at < 3) links.push(`</items?page=${at + 1}>; title=x; REL="last next"`);
        response.setHeader('link', links);
        response.end(JSON.stringify(ids(at, at + 1)));
      };
      expect((await read({ paginate: { linkHeader: {} } })).records).toEqual(ids(1, 4));
    });

    it('goes on in the next slice where the one before stopped', async () => {
      serve(25);
      const reader = openReader();
      const paged = source({ paginate: { offset } });
      const first = await pull(reader, paged, {}, { pagesMax: 2 });
      const second = await pull(reader, paged, first.state);
      expect([...first.records, ...second.records]).toEqual(ids(0, 25));
    });

    it('begins anew when it stood still for so long that its places may have moved, but not for its own length', async () => {
      serve(25);
      const clock = new MovedClock();
      const paged = source({ paginate: { offset } });
      let { state } = await pull(openReader(clock), paged, {}, { pagesMax: 1 });
      clock.aheadMs += 400_000;
      ({ state } = await pull(openReader(clock), paged, state, { pagesMax: 1 }));
      clock.aheadMs += 400_000;
      ({ state } = await pull(openReader(clock), paged, state, { pagesMax: 1 }));
      expect(api.paths.at(-1)).toBe('/items?offset=20&limit=10');
      clock.aheadMs += 700_000;
      await pull(openReader(clock), paged, state, { pagesMax: 1 });
      expect(api.paths.at(-1)).toBe('/items?offset=0&limit=10');
    });
  });
});

/** One zstd frame (RFC 8878) that holds its content in one raw block. */
function zstdRaw(content: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, content.length]);
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([header, block, content]);
}
