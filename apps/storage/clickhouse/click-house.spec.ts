import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Unavailable } from '#libs/errors/errors';
import { ClickCell, ClickHouse } from './click-house';

describe('a stream from ClickHouse', () => {
  let server: Server;
  let clickHouse: ClickHouse;
  /** What it is asked, besides the statement. */
  let asked: URLSearchParams;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked = new URL(request.url ?? '/', 'http://localhost').searchParams;
      response.end('[1]\n[2]\nCode: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    clickHouse = new ClickHouse({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }); // it listens
  });
  afterAll(async () => {
    await clickHouse.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('that fails on the way breaks off, and never ends with its error as a row', async () => {
    const rows: ClickCell[][] = [];
    const read = async (): Promise<void> => {
      for await (const part of clickHouse.parts('SELECT 1')) rows.push(...part);
    };
    await expect(read()).rejects.toThrow(Unavailable);
    expect(rows).toEqual([]);
    expect(asked.get('http_write_exception_in_output_format')).toBe('0');
  });
});

describe('a question to ClickHouse that nobody waits for', () => {
  it('is stopped in the server, and the connection is closed', async () => {
    const killed: string[] = [];
    let asked: string | null = null;
    let isClosed = false;
    let begun: () => void;
    const begin = new Promise<void>((resolve) => (begun = resolve));
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const id = searchParams.get('param_id');
      if (id !== null) {
        killed.push(id);
        return response.end();
      }
      asked = searchParams.get('query_id');
      response.on('close', () => (isClosed = true));
      begun(); // and never answers
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const clickHouse = new ClickHouse({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }); // it listens
    try {
      const gone = new AbortController();
      const rows = clickHouse.rows('SELECT 1', undefined, gone.signal).catch((thrown: unknown) => thrown);
      await begin;
      gone.abort();
      expect(await rows).toMatchObject({ code: 'query.cancelled' });
      while (killed.length === 0 || !isClosed) await new Promise((resolve) => setImmediate(resolve));
      expect(killed).toEqual([asked]);
    } finally {
      await clickHouse.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
