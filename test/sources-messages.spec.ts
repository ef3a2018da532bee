import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { publishMqtt, startMosquitto } from '#libs/testing/mosquitto';
import { startNats, TestNats } from '#libs/testing/nats';
import { describeWithRedis, startTestRedis, TestRedis } from '#libs/testing/redis';
import { ServerProcess } from '#libs/testing/server-process';
import { describeWithTool } from '#libs/testing/tools';
import { AckProxy } from './support/ack-proxy';
import { SourceUnderTest } from './support/source-under-test';

const RECORDS = 600;
const START_MS = Date.UTC(2026, 0, 1);

/**
 * The examples of sources that are told what was taken, against real peers: Chartly is killed (kill -9) at the moment at
 * which a page is committed and the peer has not heard of it.
 */
describe('sources that are told what was taken', () => {
  const timeAt = (n: number): string => new Date(START_MS + n * 1_000).toISOString();

  describeWithRedis('a Redis stream', () => {
    let server: TestRedis;
    let redis: Redis;
    let proxy: AckProxy;
    let source: SourceUnderTest;

    beforeAll(async () => {
      server = await startTestRedis();
      redis = new Redis(server.url);
      await redis.del('orders');
      proxy = await AckProxy.start(Number(new URL(server.url).port), (sent) => /xack/i.test(sent.toString('latin1')));
      source = await SourceUnderTest.start('redis', proxy.port);
    });
    afterAll(async () => {
      await source.end();
      await proxy.stop();
      redis.disconnect();
      await server.stop();
    });

    it('redis: what was committed and not acknowledged comes again, and is stored once', async () => {
      const adding = redis.pipeline();
      for (let n = 0; n < RECORDS; n += 1) {
        adding.xadd('orders', `${START_MS + n}-0`, 'customer', `c-${n}`, 'total', String(n / 4));
      }
      await adding.exec();
      await source.apply({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
      await source.diesUnheard(proxy);
      await source.expectAll('customer', RECORDS);
      expect((await redis.xpending('orders', 'chartly-default-redis_orders'))[0]).toBe(0);
    });
  });

  describeWithTool('nats-server', 'a JetStream stream', () => {
    let nats: TestNats;
    let proxy: AckProxy;
    let source: SourceUnderTest;

    beforeAll(async () => {
      nats = await startNats();
      proxy = await AckProxy.start(nats.port, (sent) => sent.includes('$JS.ACK'));
      source = await SourceUnderTest.start('nats', proxy.port);
    });
    afterAll(async () => {
      await source.end();
      await proxy.stop();
      await nats.stop();
    });

    it('nats: what was committed and not acknowledged comes again, and is stored once', async () => {
      await nats.manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
      await nats.manager.consumers.add('ORDERS', {
        durable_name: 'chartly-orders',
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(2_000),
        deliver_policy: DeliverPolicy.All,
        filter_subject: 'orders.>',
      });
      for (let n = 0; n < RECORDS; n += 1) {
        await nats.client.publish('orders.new', JSON.stringify({ customer: `c-${n}`, total: n / 4 }));
      }
      await source.apply({ NATS_URL: `nats://127.0.0.1:${proxy.port}` });
      await source.diesUnheard(proxy);
      await source.expectAll('customer', RECORDS);
      const { num_ack_pending, num_pending } = await nats.manager.consumers.info('ORDERS', 'chartly-orders');
      expect([num_ack_pending, num_pending]).toEqual([0, 0]);
    });
  });

  describeWithTool('mosquitto', 'an MQTT broker', () => {
    let broker: ServerProcess;
    let proxy: AckProxy;
    let source: SourceUnderTest;

    beforeAll(async () => {
      broker = await startMosquitto();
      proxy = await AckProxy.start(broker.port, (sent) => sent[0] === PUBACK);
      source = await SourceUnderTest.start('mqtt', proxy.port);
    });
    afterAll(async () => {
      await source.end();
      await proxy.stop();
      await broker.stop();
    });

    it('mqtt: what was committed and not acknowledged comes again, and is stored once', async () => {
      await source.apply({ MQTT_URL: `mqtt://127.0.0.1:${proxy.port}` });
      await source.pulled(); // the broker keeps messages from now on
      await publishMqtt(
        broker.port,
        Array.from({ length: RECORDS }, (_, n) => ({
          topic: `sensors/room-${n % 3}/temperature`,
          payload: JSON.stringify({ at: timeAt(n), celsius: n / 4 }),
        })),
      );
      await source.diesUnheard(proxy);
      await source.expectAll('time', RECORDS);
    });
  });
});

/** First byte of the packet by which a message of QoS 1 is acknowledged. */
const PUBACK = 0x40;
