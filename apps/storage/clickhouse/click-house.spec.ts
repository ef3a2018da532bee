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
