import { Logger } from '@nestjs/common';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttp, IncomingMessage } from 'node:http';
import { AddressInfo, createServer } from 'node:net';
import { Gauge } from 'prom-client';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { loadConfig } from '#libs/config/load';
import { anEntry, AuditUnderTest } from '../audit.testing';
import { Destination, ForwardedEntry } from './destination';
import { Forwarder } from './forwarder';
import { Syslog, syslogMessage } from './syslog';
import { Webhook } from './webhook';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Takes what it is sent, unless it is told to fail before or after. */
class Taker extends Destination {
  readonly taken: number[] = [];
  fails: 'never' | 'before' | 'after' = 'never';

  send(entries: readonly ForwardedEntry[]): Promise<void> {
    if (this.fails === 'before') return Promise.reject(new Error('away'));
    this.taken.push(...entries.map(({ index }) => index));
    return this.fails === 'after' ? Promise.reject(new Error('cut')) : Promise.resolve();
  }
}

describe('what is sent on of the audit log', () => {
  let log: AuditUnderTest;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    log = await AuditUnderTest.start();
  });
  afterAll(() => log.stop());

  function forwarder(): { forwarder: Forwarder; behind: Gauge } {
    const behind = new Gauge({ name: 'behind', help: 'behind', labelNames: ['destination'], registers: [] });
    return { forwarder: new Forwarder(log.database, behind, loadConfig({})), behind };
  }
  const append = async (count: number): Promise<number[]> =>
    (await (await log.open()).append({ entries: Array.from({ length: count }, (_, at) => anEntry(at)) })).indexes;

  it('begins with what is appended from now on, and sends each entry in order', async () => {
    await append(3);
    const taker = new Taker();
    await forwarder().forwarder.forward('one', taker);
    expect(taker.taken).toEqual([]);
    const appended = await append(450);
    await forwarder().forwarder.forward('one', taker);
    expect(taker.taken).toEqual(appended);
  });

  it('sends again what a destination may not have taken, and loses nothing over a restart', async () => {
    const taker = new Taker();
    await forwarder().forwarder.forward('two', taker);
    const appended = await append(5);
    for (const fails of ['before', 'after'] as const) {
      taker.fails = fails;
      await expect(forwarder().forwarder.forward('two', taker)).rejects.toThrow();
    }
    taker.fails = 'never';
    await forwarder().forwarder.forward('two', taker);
    expect(taker.taken).toEqual([...appended, ...appended]);
  });

  it('two processes send to a destination in turn, and each entry once', async () => {
    const taker = new Taker();
    await forwarder().forwarder.forward('three', taker);
    const appended = await append(500);
    await Promise.all([1, 2, 3].map(() => forwarder().forwarder.forward('three', taker)));
    await forwarder().forwarder.forward('three', taker);
    expect(taker.taken).toEqual(appended);
  });

  it('tells how far a destination is behind', async () => {
    const taker = new Taker();
    const { forwarder: sender, behind } = forwarder();
    await sender.forward('four', taker);
    await append(2);
    await sender.forward('four', taker);
    expect((await behind.get()).values).toEqual([{ labels: { destination: 'four' }, value: 0 }]);
  });

  it('a webhook gets entries signed as Standard Webhooks has it', async () => {
    const got: { headers: IncomingMessage['headers']; body: string }[] = [];
    const server = createHttp((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ headers: request.headers, body });
        response.writeHead(got.length === 1 ? 500 : 204).end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const webhook = new Webhook({ url: `http://127.0.0.1:${port}/hook`, secret: SECRET });
    const entries = [{ index: 7, leaf: '{"action":"keys.create"}' }];
    await expect(webhook.send(entries)).rejects.toThrow('it answered 500');
    await webhook.send(entries);
    server.close();
    const [first, second] = got;
    expect(first!.headers['webhook-id']).toBe(second!.headers['webhook-id']);
    const verified = new StandardWebhook(SECRET).verify(second!.body, second!.headers as Record<string, string>);
    expect(verified).toEqual({ entries });
    expect(() =>
      new StandardWebhook(SECRET).verify(`${second!.body} `, second!.headers as Record<string, string>),
    ).toThrow();
  });

  it('syslog over TCP counts its messages by octets, whatever stands in them', async () => {
    let received = Buffer.alloc(0);
    const server = createServer((socket) =>
      socket.on('data', (chunk) => (received = Buffer.concat([received, chunk]))),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const leaves = ['{"action":"a"}', '{"action":"ü\\nnew","outcome":"denied"}'];
    await new Syslog('tcp', '127.0.0.1', port).send(leaves.map((leaf, index) => ({ index, leaf })));
    server.close();
    const messages: string[] = [];
    for (let rest = received; rest.length > 0;) {
      const [, digits = ''] = /^(\d+) /.exec(rest.toString('latin1')) ?? [];
      const from = digits.length + 1;
      messages.push(rest.subarray(from, from + Number(digits)).toString('utf8'));
      rest = rest.subarray(from + Number(digits));
    }
    expect(messages.map((message) => message.slice(message.indexOf('{')))).toEqual(leaves);
    expect(messages.map((message) => message.slice(0, 6))).toEqual(['<109>1', '<108>1']);
  });

  it('syslog over UDP sends one message a datagram', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
    const message = once(server, 'message');
    await new Syslog('udp', '127.0.0.1', server.address().port).send([{ index: 3, leaf: '{"action":"a"}' }]);
    const [datagram] = (await message) as [Buffer];
    server.close();
    expect(datagram.toString()).toMatch(/^<109>1 - \S+ chartly 3 a - \{"action":"a"\}$/);
  });

  it('a syslog message has the fields of RFC 5424, and nothing of an entry breaks out of them', () => {
    const leaf = JSON.stringify({
      time: '2026-01-01T00:00:00.000Z',
      action: `keys create ${'x'.repeat(50)}`,
      outcome: 'failed',
    });
    expect(syslogMessage({ index: 12, leaf }, 'höst one')).toBe(
      `<107>1 2026-01-01T00:00:00.000Z h_st_one chartly 12 keys_create_${'x'.repeat(20)} - ${leaf}`,
    );
  });
});
