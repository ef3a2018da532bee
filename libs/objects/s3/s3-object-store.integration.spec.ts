import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { motoMissing, startMoto, startS3rver, TestS3 } from '#libs/testing/s3';
import { byteOrderConformance, conditionalPutConformance, objectStoreConformance } from '../object-store.conformance';
import { S3ObjectStore } from './s3-object-store';
import { s3PlaceOf } from './s3-place';

const storeOf = ({ url, accessKeyId, secretAccessKey }: TestS3, prefix = ''): S3ObjectStore =>
  new S3ObjectStore(s3PlaceOf(url + prefix, 'us-east-1'), { accessKeyId, secretAccessKey });

describe('the S3 engine on s3rver', () => {
  let server: TestS3;
  beforeAll(async () => void (server = await startS3rver()));
  afterAll(() => server.stop());

  objectStoreConformance(() => storeOf(server, '/some/prefix'));

  it('keeps to its prefix', async () => {
    await storeOf(server, '/one').put('a', Buffer.from('1'));
    await storeOf(server, '/other').put('a', Buffer.from('2'));
    expect((await storeOf(server, '/one').list('')).objects.map(({ key }) => key)).toEqual(['a']);
    expect(String(await storeOf(server).read('other/a', { maxBytes: 10 }))).toBe('2');
  });

  it('refuses to put only where nothing is, since this server overlooks the condition', async () => {
    const store = storeOf(server);
    await expect(store.put('c/a', Buffer.from('1'), { onlyIfAbsent: true })).rejects.toMatchObject({
      code: 'objects.unconditional',
    });
    expect((await store.list('c')).objects).toEqual([]);
  });

  it('says that its credentials are refused, with what to check', async () => {
    const store = storeOf({ ...server, accessKeyId: 'wrong' });
    await expect(store.list('')).rejects.toMatchObject({
      code: 'objects.denied',
      message: expect.stringContaining('CHARTLY_OBJECTS_SECRET_KEY'),
    });
  });

  it('says that there is no such bucket', async () => {
    const store = storeOf({ ...server, url: server.url.replace('test-bucket', 'other-bucket') });
    await expect(store.put('a', Buffer.from('1'))).rejects.toMatchObject({ code: 'objects.refused', status: 503 });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'objects.refused' });
  });
});

const missing = motoMissing();
const describeWithMoto = missing === undefined ? describe : describe.skip;
describeWithMoto(`the S3 engine on moto${missing === undefined ? '' : ` [skipped: ${missing}]`}`, () => {
  let server: TestS3;
  beforeAll(async () => void (server = await startMoto()));
  afterAll(() => server.stop());

  objectStoreConformance(() => storeOf(server));
  byteOrderConformance(() => storeOf(server));
  conditionalPutConformance(() => storeOf(server));
});

/** A server that fails as it is told to, and else answers with the bytes of one object. */
describe('the S3 engine and a server with faults', () => {
  const content = Buffer.alloc(1_000_000, 'content ');
  let server: Server;
  let faults: ('busy' | 'reset' | 'half' | 'none')[];
  let asked: (string | undefined)[];
  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(request.headers.range);
      const fault = faults.shift() ?? 'none';
      const start = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (fault === 'reset') return void request.socket.destroy();
      if (fault === 'busy') return void response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
      const body = content.subarray(start);
      response.writeHead(request.headers.range === undefined ? 200 : 206, {
        'content-length': body.length,
        etag: '"e"',
      });
      if (fault !== 'half') return void response.end(body);
      response.write(body.subarray(0, 300_000), () => setImmediate(() => request.socket.destroy()));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const store = (): S3ObjectStore => {
    const { port } = server.address() as AddressInfo; // it listens on TCP
    return new S3ObjectStore(s3PlaceOf(`http://127.0.0.1:${port}/b`, 'us-east-1'), {
      accessKeyId: 'a',
      secretAccessKey: 's',
    });
  };

  it('tries again when the server is busy or hangs up', async () => {
    faults = ['busy', 'reset', 'busy'];
    expect((await store().read('a', { maxBytes: 2_000_000 })).equals(content)).toBe(true);
    expect(asked).toHaveLength(4);
  });

  it('takes up an answer where it broke off', async () => {
    faults = ['half', 'half', 'none'];
    expect((await store().read('a', { maxBytes: 2_000_000 })).equals(content)).toBe(true);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.slice(1).every((range) => /^bytes=[1-9]\d*-999999$/.test(range ?? ''))).toBe(true);
  });

  it('gives up after five attempts, and says so', async () => {
    faults = Array.from({ length: 20 }, () => 'busy' as const);
    await expect(store().put('a', Buffer.from('x'))).rejects.toMatchObject({
      code: 'objects.unavailable',
      retryable: true,
      message: expect.stringContaining('SlowDown'),
    });
    expect(asked).toHaveLength(5);
  });

  it('stops at once when it is told to', async () => {
    faults = Array.from({ length: 20 }, () => 'busy' as const);
    const abort = new AbortController();
    const got = store().get('a', { signal: abort.signal });
    abort.abort();
    await expect(got).rejects.toThrow();
  });
});

describe('the address of an object store', () => {
  it.each([
    ['s3://bucket', 'https://bucket.s3.eu-central-1.amazonaws.com', ''],
    ['s3://bucket/a/b', 'https://bucket.s3.eu-central-1.amazonaws.com', 'a/b/'],
    ['https://minio.example:9000/bucket/a/', 'https://minio.example:9000/bucket', 'a/'],
  ])('%s', (address, bucketUrl, prefix) => {
    expect(s3PlaceOf(address, 'eu-central-1')).toEqual({ bucketUrl, prefix, region: 'eu-central-1' });
  });

  it.each(['https://host', 'https://user:pass@host/bucket', 'https://host/bucket?x=1'])('refuses %s', (address) => {
    expect(() => s3PlaceOf(address, 'us-east-1')).toThrow(TypeError);
  });
});
