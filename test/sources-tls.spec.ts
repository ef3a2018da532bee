import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect as connectNats } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Client } from 'pg';
import { PipelinePreview } from '#libs/contracts/pipeline-preview';
import { EmbeddedPostgres } from '#libs/database/embedded-postgres';
import { Certificate, Certificates, makeCertificates } from '#libs/testing/certificates';
import { publishMqtt, startMosquitto } from '#libs/testing/mosquitto';
import { ServerProcess } from '#libs/testing/server-process';
import { describeWithTool } from '#libs/testing/tools';
import { ChartlyUnderTest } from './support/chartly';
import { SourceUnderTest } from './support/source-under-test';
import { until } from './support/until';

const UNCHECKED = { rejectUnauthorized: false };

/** A peer with one order in it, and the variables of its example that lead there by TLS. */
interface Peer {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The operator's own authority is named to the process by NODE_EXTRA_CA_CERTS. */
describeWithTool('openssl', 'sources by TLS', () => {
  let folder: string;
  let certificates: Certificates;
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-tls-'));
    certificates = await makeCertificates(folder);
    chartly = await ChartlyUnderTest.start('one process', {
      CHARTLY_EGRESS_ALLOW: '127.0.0.1/32',
      NODE_EXTRA_CA_CERTS: certificates.authorityFile,
    });
  });
  afterAll(async () => {
    await chartly.end();
    await rm(folder, { recursive: true, force: true });
  });

  const previewed = async (example: string, env: Peer['env']) => {
    const body = await SourceUnderTest.on(chartly, example).written(env);
    return chartly.api.send<PipelinePreview & { code: string; detail: string }>(
      '/v1/projects/default/pipelines/preview',
      { body, type: 'application/yaml' },
    );
  };

  const holds = (tool: string, example: string, start: (certificate: Certificate) => Promise<Peer>): void => {
    describeWithTool(tool, example, () => {
      it('is read where its certificate is by an authority that is trusted, for its address', async () => {
        const peer = await start(certificates.good);
        const { status, body } = await previewed(example, peer.env);
        await peer.stop();
        expect([status, body.records.map(({ outcome }) => outcome)]).toEqual([200, ['normalized']]);
      });

      it.each([
        ['is for another host', 'otherHost', /altnames|does not match/i],
        ['is by nobody who is trusted', 'stranger', /self-signed certificate/],
      ] as const)('is refused where its certificate %s', async (_, which, reason) => {
        const peer = await start(certificates[which]);
        const { status, body } = await previewed(example, peer.env);
        await peer.stop();
        expect([status, body.code]).toEqual([422, 'pull.failed']);
        expect(body.detail).toMatch(reason);
      });
    });
  };

  holds('redis-server', 'redis', async ({ certFile, keyFile }) => {
    const server = await ServerProcess.start('redis-server', (port, home) => [
      ...['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--dir', home, '--save', ''],
      ...['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-auth-clients', 'no'],
      ...['--tls-ca-cert-file', certificates.authorityFile],
    ]);
    const redis = new Redis({ host: '127.0.0.1', port: server.port, tls: UNCHECKED });
    await redis.xadd('orders', '*', 'customer', 'ada', 'total', '12.5');
    redis.disconnect();
    return { env: { REDIS_URL: `rediss://127.0.0.1:${server.port}` }, stop: () => server.stop() };
  });

  holds('nats-server', 'nats', async ({ certFile, keyFile }) => {
    const server = await ServerProcess.start('nats-server', (port, home) => [
      ...['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', home],
      ...['--tls', '--tlscert', certFile, '--tlskey', keyFile],
    ]);
    const connection = await connectNats({ servers: `127.0.0.1:${server.port}`, tls: UNCHECKED });
    await (await jetstreamManager(connection)).streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
    await jetstream(connection).publish('orders.new', JSON.stringify({ customer: 'ada', total: 12.5 }));
    await connection.close();
    return { env: { NATS_URL: `tls://127.0.0.1:${server.port}` }, stop: () => server.stop() };
  });

  holds('mosquitto', 'mqtt', async (certificate) => {
    const broker = await startMosquitto(undefined, certificate);
    const payload = JSON.stringify({ at: '2026-01-01T00:00:00Z', celsius: 21.5 });
    await publishMqtt(broker.port, [{ topic: 'sensors/hall/temperature', payload, retain: true }], { tls: true });
    return { env: { MQTT_URL: `mqtts://127.0.0.1:${broker.port}` }, stop: () => broker.stop() };
  });

  it('https is read where its certificate is by an authority that is trusted', async () => {
    const [cert, key] = await Promise.all([readFile(certificates.good.certFile), readFile(certificates.good.keyFile)]);
    const feed = `<rss><channel><title>News</title><item><guid>1</guid><title>One</title>
      <link>https://news.example/1</link><pubDate>Thu, 01 Jan 2026 00:00:00 GMT</pubDate></item></channel></rss>`;
    const server = createServer({ cert, key }, (_request, response) => response.end(feed));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const { status, body } = await previewed('feed', { FEED_URL: `https://127.0.0.1:${port}/` });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect([status, body.records.map(({ outcome }) => outcome)]).toEqual([200, ['normalized']]);
  });

  describe('a database', () => {
    let dataDir: string;
    let postgres: EmbeddedPostgres;

    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'chartly-tls-postgres-'));
      await chmod(dataDir, 0o755); // as root, Postgres runs as nobody, and then stays inside the folder
      postgres = await EmbeddedPostgres.start({ dataDir });
      const database = new Client({ connectionString: postgres.ownerUrl });
      await database.connect();
      await database.query(`
        CREATE TABLE orders (id int PRIMARY KEY, updated_at timestamptz NOT NULL, customer_id int, total numeric);
        INSERT INTO orders VALUES (1, '2026-01-01', 7, 12.5)`);
      await database.end();
      const { password } = new URL(postgres.ownerUrl);
      await SourceUnderTest.on(chartly, 'postgres').secret('shop-reader', decodeURIComponent(password));
    });
    afterAll(async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    });

    holds('openssl', 'postgres', async ({ certFile, keyFile }) => {
      const { uid, gid } = await stat(postgres.folder);
      for (const [from, name] of [
        [certFile, 'server.crt'],
        [keyFile, 'server.key'],
      ] as const) {
        const to = join(postgres.folder, name);
        await copyFile(from, to);
        await chown(to, uid, gid);
        await chmod(to, 0o600);
      }
      await writeFile(join(postgres.folder, 'postgresql.auto.conf'), "ssl = 'on'\n");
      process.kill(postgres.pid, 'SIGHUP');
      const { raw } = new X509Certificate(await readFile(certFile));
      await until('Postgres to show the certificate', async () =>
        (await certificateOf(postgres.port))?.equals(raw) ? true : undefined,
      );
      const { host, username, pathname } = new URL(postgres.ownerUrl);
      const env = { SHOP_URL: `postgres://${host}${pathname}`, SHOP_USER: username };
      return { env, stop: async () => Promise.resolve() };
    });
  });
});

/** The certificate that a Postgres shows, if it speaks TLS. */
async function certificateOf(port: number): Promise<Buffer | undefined> {
  const socket = connect(port, '127.0.0.1');
  socket.write(SSL_REQUEST);
  const [answer] = (await once(socket, 'data')) as [Buffer]; // what a socket emits
  if (answer.toString() !== 'S') {
    socket.destroy();
    return undefined;
  }
  const secured = connectTls({ socket, ...UNCHECKED });
  await once(secured, 'secureConnect');
  const { raw } = secured.getPeerCertificate();
  secured.destroy();
  return raw;
}

/** Asks a Postgres to go on by TLS. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
