import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { headers, nanos } from '@nats-io/transport-node';
import { NatsPull } from '#libs/documents/sources/nats';
import { startNats, TestNats } from '#libs/testing/nats';
import { describeWithTool } from '#libs/testing/tools';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { readAll, recordsOf } from '../messages/message-reader.testing';
import { NatsReader } from './nats-reader';

const DURABLE = 'chartly-default-read';

describeWithTool('nats-server', 'a JetStream stream as a source', () => {
  let nats: TestNats;
  let reader: NatsReader;

  beforeAll(async () => {
    nats = await startNats();
    reader = new NatsReader(new EgressGuard(AllowList.parse(['127.0.0.1'])));
  });
  afterAll(() => nats.stop());

  beforeEach(async () => {
    await nats.manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
  });
  afterEach(() => nats.manager.streams.delete('ORDERS'));

  const sourceOf = (change: Partial<NatsPull['nats']> = {}): NatsPull => ({
    nats: { url: `nats://127.0.0.1:${nats.port}`, stream: 'ORDERS', ...change },
  });
  const add = async (from: number, to: number, subject = 'orders.new'): Promise<void> => {
    for (let n = from; n <= to; n += 1) await nats.client.publish(subject, JSON.stringify({ n }));
  };
  const numbers = (pages: Awaited<ReturnType<typeof readAll>>): number[] =>
    recordsOf(pages)
      .map(({ data }) => (data as { n: number }).n) // as `add` wrote them
      .sort((a, b) => a - b);
  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const unacknowledged = async (): Promise<number> =>
    (await nats.manager.consumers.info('ORDERS', DURABLE)).num_ack_pending;

  it('gives each message once, and what is published later with the next pull', async () => {
    await add(1, 250);
    const pages = await readAll(reader, sourceOf());
    expect(numbers(pages)).toEqual(upTo(1, 250));
    expect(reader.positionOf(pages.at(-1)!.state)).toBe('250'); // three pages
    await add(251, 260);
    expect(numbers(await readAll(reader, sourceOf()))).toEqual(upTo(251, 260));
    expect(await readAll(reader, sourceOf())).toEqual([]);
    expect(await unacknowledged()).toBe(0);
  });

  it('gives again what was not acknowledged, and nothing else', async () => {
    await add(1, 250);
    await readAll(reader, sourceOf(), { diesAfter: (nth) => nth === 2 });
    expect(numbers(await readAll(reader, sourceOf()))).toEqual(upTo(101, 250));
    await add(251, 251);
    await readAll(reader, sourceOf(), { commits: () => false });
    expect(numbers(await readAll(reader, sourceOf()))).toEqual([251]);
    expect(await unacknowledged()).toBe(0);
  });

  it('tells of each message its subject, place, time and headers', async () => {
    const head = headers();
    head.append('Trace', 'a');
    head.append('Trace', 'b');
    head.set('Kind', 'c');
    await nats.client.publish('orders.eu.new', '{"n": 1.0}', { headers: head });
    const [page] = await readAll(reader, sourceOf());
    expect(Buffer.from(page!.parts[0]!.payload).toString()).toContain('"data":{"n": 1.0}'); // one message
    expect(recordsOf([page!])).toEqual([
      {
        stream: 'ORDERS',
        sequence: 1,
        subject: 'orders.eu.new',
        time: expect.stringMatching(/^20\d\d-.*Z$/) as string,
        headers: { Trace: ['a', 'b'], Kind: 'c' },
        data: { n: 1 },
      },
    ]);
  });

  it('reads one subject of a stream alone, and begins at what comes new, where the document says so', async () => {
    await add(1, 2, 'orders.eu');
    await add(3, 4, 'orders.us');
    expect(numbers(await readAll(reader, sourceOf({ subject: 'orders.us' })))).toEqual([3, 4]);
    expect(await readAll(reader, sourceOf({ durable: 'new', start: 'latest' }))).toEqual([]);
    await add(5, 5);
    expect(numbers(await readAll(reader, sourceOf({ durable: 'new', start: 'latest' })))).toEqual([5]);
  });

  it('uses a consumer that is there, and refuses one that would lose messages', async () => {
    await add(1, 3);
    await nats.manager.consumers.add('ORDERS', {
      durable_name: 'theirs',
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(1_000),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: 3,
    });
    expect(numbers(await readAll(reader, sourceOf({ durable: 'theirs' })))).toEqual([3]);
    await nats.manager.consumers.add('ORDERS', { durable_name: 'careless', ack_policy: AckPolicy.None });
    await expect(readAll(reader, sourceOf({ durable: 'careless' }))).rejects.toMatchObject({
      code: 'pull.refused',
      message: expect.stringContaining('has the acknowledgement policy "none"') as string,
    });
    await expect(readAll(reader, sourceOf({ durable: 'theirs', subject: 'orders.eu' }))).rejects.toMatchObject({
      code: 'pull.refused',
      message: expect.stringContaining('reads all subjects, and the document says orders.eu') as string,
    });
  });

  it('shows the first messages, and leaves nothing behind at the peer', async () => {
    await add(1, 5, 'orders.eu');
    await add(6, 7, 'orders.us');
    const shown = await readAll(reader, sourceOf({ subject: 'orders.us' }), { peek: true });
    expect(numbers(shown)).toEqual([6, 7]);
    expect(numbers(await readAll(reader, sourceOf(), { peek: true }))).toEqual(upTo(1, 7));
    expect((await nats.manager.streams.info('ORDERS')).state.consumer_count).toBe(0);
  });

  it('stops at a message that is too large for a record, and says where it is', async () => {
    await add(1, 1);
    await nats.client.publish('orders.new', `"${'x'.repeat(2 ** 20 - 2)}"`);
    await expect(readAll(reader, sourceOf())).rejects.toMatchObject({
      code: 'pull.record_too_large',
      message: expect.stringContaining('The message 2 of the stream "ORDERS"') as string,
    });
  });

  it.each<[string, Partial<NatsPull['nats']>, string]>([
    ['no such stream', { stream: 'ORDRES' }, 'pull.refused'],
    ['no TLS where the document wants it', { url: 'tls' }, 'pull.failed'],
    ['credentials that are none', { auth: { creds: 'x' } }, 'pull.auth'],
    ['an internal address', { url: 'nats://10.0.0.1:4222' }, 'egress.refused'],
    ['nobody there', { url: 'nats://127.0.0.1:1' }, 'pull.failed'],
  ])('says what is wrong: %s', async (_, change, code) => {
    const url = change.url === 'tls' ? `tls://127.0.0.1:${nats.port}` : change.url;
    for (const peek of [false, true]) {
      const source = sourceOf({ ...change, ...(url === undefined ? {} : { url }) });
      await expect(readAll(reader, source, { peek })).rejects.toMatchObject({ code });
    }
  });

  it('says that a token was refused, and takes the right one', async () => {
    const guarded = await startNats('t0ken');
    await guarded.manager.streams.add({ name: 'ORDERS', subjects: ['orders.>'] });
    const url = `nats://127.0.0.1:${guarded.port}`;
    await expect(readAll(reader, sourceOf({ url, auth: { token: 'x' } }))).rejects.toMatchObject({ code: 'pull.auth' });
    await expect(readAll(reader, sourceOf({ url }))).rejects.toMatchObject({ code: 'pull.auth' });
    expect(await readAll(reader, sourceOf({ url, auth: { token: 't0ken' } }))).toEqual([]);
    await guarded.stop();
  });
});
