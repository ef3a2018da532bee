import { Clock, Ids } from '#libs/clock/clock';
import { MqttPull } from '#libs/documents/sources/mqtt';
import { publishMqtt, startMosquitto } from '#libs/testing/mosquitto';
import { ServerProcess } from '#libs/testing/server-process';
import { describeWithTool } from '#libs/testing/tools';
import { AllowList } from '#libs/egress/allow-list';
import { EgressGuard } from '#libs/egress/egress-guard';
import { readAll, recordsOf } from '../messages/message-reader.testing';
import { MqttReader, MqttState } from './mqtt-reader';

describeWithTool('mosquitto', 'an MQTT broker as a source', () => {
  let broker: ServerProcess;
  let reader: MqttReader;
  let clients = 0;
  let clientId: string;

  beforeAll(async () => {
    broker = await startMosquitto();
    reader = new MqttReader(new EgressGuard(AllowList.parse(['127.0.0.1'])), new Clock(), new Ids());
  });
  afterAll(() => broker.stop());
  beforeEach(() => {
    clientId = `reader-${(clients += 1)}`;
  });

  const sourceOf = (change: Partial<MqttPull['mqtt']> = {}): MqttPull => ({
    mqtt: { url: `mqtt://127.0.0.1:${broker.port}`, topics: [`${clientId}/+/n`], clientId, ...change },
  });
  const publish = (from: number, to: number, room = 'hall'): Promise<void> =>
    publishMqtt(
      broker.port,
      upTo(from, to).map((n) => ({ topic: `${clientId}/${room}/n`, payload: JSON.stringify({ n }) })),
    );
  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const numbers = (pages: Awaited<ReturnType<typeof readAll>>): number[] =>
    recordsOf(pages).map(({ data }) => (data as { n: number }).n); // as `publish` wrote them
  const subscribed: Partial<MqttState> = { topics: [] };
  const subscribe = async (): Promise<Partial<MqttState>> =>
    (await readAll(reader, sourceOf())).at(-1)?.state ?? subscribed;

  it('gives each message once, those among them that came while nobody was connected', async () => {
    const state = await subscribe();
    expect(state).toEqual({ topics: [`${clientId}/+/n`] });
    await publish(1, 250);
    const pages = await readAll(reader, sourceOf(), { state });
    expect(numbers(pages)).toEqual(upTo(1, 250));
    expect(reader.positionOf(pages.at(-1)!.state)).toMatch(/^20\d\d-.*Z$/); // several pages
    expect(await readAll(reader, sourceOf(), { state })).toEqual([]);
  });

  it('gives again what was not acknowledged, and nothing else', async () => {
    const state = await subscribe();
    await publish(1, 250);
    const taken = numbers(await readAll(reader, sourceOf(), { state, diesAfter: (nth) => nth === 2 }));
    const first = numbers(await readAll(reader, sourceOf(), { state, commits: () => false }));
    expect(first).toEqual([]);
    await publish(251, 251);
    const again = numbers(await readAll(reader, sourceOf(), { state }));
    expect(again.at(-1)).toBe(251);
    expect(again[0]).toBeLessThanOrEqual(taken.at(-1)!); // some were taken
    expect([...new Set([...taken, ...again])]).toEqual(upTo(1, 251));
    expect(again).toEqual(upTo(again[0]!, 251)); // what was acknowledged, the first page, is not among them
    expect(again[0]).toBeGreaterThan(1);
    expect(await readAll(reader, sourceOf(), { state })).toEqual([]);
  });

  it('leaves topics that the document names no more, and takes what is retained once', async () => {
    const before = await subscribe();
    await publishMqtt(broker.port, [{ topic: `${clientId}/kept`, payload: '"old"', retain: true }]);
    const changed = sourceOf({ topics: [`${clientId}/kept`] });
    const pages = await readAll(reader, changed, { state: before });
    expect(recordsOf(pages)).toEqual([
      expect.objectContaining({ topic: `${clientId}/kept`, retained: true, data: 'old' }) as object,
    ]);
    await publish(1, 3);
    expect(await readAll(reader, changed, { state: pages.at(-1)!.state })).toEqual([]); // two pages
  });

  it('shows the first messages, and leaves nothing behind at the peer', async () => {
    await publishMqtt(broker.port, [{ topic: `${clientId}/hall/n`, payload: '{"n":1}', retain: true }]);
    expect(numbers(await readAll(reader, sourceOf(), { peek: true }))).toEqual([1]);
    await publish(2, 3);
    expect(numbers(await readAll(reader, sourceOf()))).toEqual([1]);
  });

  it('stops at a message that is too large for a record, and says where it is', async () => {
    const state = await subscribe();
    await publishMqtt(broker.port, [{ topic: `${clientId}/big/n`, payload: `"${'x'.repeat(2 ** 20)}"` }]);
    await expect(readAll(reader, sourceOf(), { state })).rejects.toMatchObject({
      code: 'pull.record_too_large',
      message: expect.stringContaining(`A message of the topic "${clientId}/big/n"`) as string,
    });
  });

  it('does not take a packet into memory that no record can hold', async () => {
    const state = await subscribe();
    await publishMqtt(broker.port, [{ topic: `${clientId}/big/n`, payload: Buffer.alloc(3 * 2 ** 20, 32) }]);
    await expect(readAll(reader, sourceOf(), { state })).rejects.toMatchObject({
      code: 'pull.record_too_large',
      message: expect.stringContaining('more than 2097152 bytes') as string,
    });
  });

  it.each<[string, Partial<MqttPull['mqtt']>, string]>([
    ['an internal address', { url: 'mqtt://10.0.0.1' }, 'egress.refused'],
    ['nobody there', { url: 'mqtt://127.0.0.1:1' }, 'pull.failed'],
    ['no TLS where the document wants it', { url: 'mqtts' }, 'pull.failed'],
  ])('says what is wrong: %s', async (_, change, code) => {
    const url = change.url === 'mqtts' ? `mqtts://127.0.0.1:${broker.port}` : change.url;
    for (const peek of [false, true]) {
      await expect(readAll(reader, sourceOf({ url }), { peek })).rejects.toMatchObject({ code });
    }
  });

  it('says that the broker refuses who asks, and takes the right one', async () => {
    const auth = { user: 'reader', password: 'right' };
    const guarded = await startMosquitto(auth);
    const url = `mqtt://127.0.0.1:${guarded.port}`;
    const wrong = { ...auth, password: 'wrong' };
    await expect(readAll(reader, sourceOf({ url }))).rejects.toMatchObject({ code: 'pull.auth' });
    await expect(readAll(reader, sourceOf({ url, auth: wrong }))).rejects.toMatchObject({ code: 'pull.auth' });
    expect(recordsOf(await readAll(reader, sourceOf({ url, auth })))).toEqual([]);
    await guarded.stop();
  });
});
