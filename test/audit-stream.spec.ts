import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoggedEntry } from '#libs/contracts/audit.contract';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { readEvents, StreamEvent } from '#libs/event-stream/event-stream';
import { ChartlyUnderTest, Layout } from './support/chartly';
import { ROOT } from './support/paths';
import { until } from './support/until';

const LAYOUTS: Layout[] = ['one process', 'nine processes'];

const when = (condition: boolean): Promise<true | undefined> => Promise.resolve(condition ? true : undefined);

describe.each(LAYOUTS)('the audit log as it grows, in %s', (layout) => {
  let chartly: ChartlyUnderTest;
  const readers: AbortController[] = [];
  /** How the stream ended of a reader whose key is revoked while it reads: that takes seconds, during which the rest is tested. */
  let revoked: Promise<{ readonly how: string; readonly events: readonly StreamEvent[] }>;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start(layout);
    revoked = revokedReader();
    revoked.catch(() => undefined); // it is awaited in its test
  });
  afterAll(async () => {
    for (const reader of readers) reader.abort();
    await chartly.end();
  });

  /** Opens the stream; `events` fills as they come. */
  async function open(query: string, { last, key }: { last?: string; key?: string } = {}) {
    const reader = new AbortController();
    readers.push(reader);
    const response = await fetch(new URL(`/v1/audit/stream${query}`, chartly.api.url), {
      headers: {
        authorization: `Bearer ${key ?? (await chartly.api.localToken())}`,
        ...(last === undefined ? {} : { 'last-event-id': last }),
      },
      signal: reader.signal,
    });
    const events: StreamEvent[] = [];
    const read = async (): Promise<'ended' | 'broke off'> => {
      try {
        for await (const event of readEvents(response.body as unknown as AsyncIterable<Uint8Array>)) events.push(event); // what fetch gives
        return 'ended';
      } catch {
        return 'broke off';
      }
    };
    const ended = response.ok ? read() : response.text().then(() => 'ended' as const);
    return { response, events, ended, close: () => reader.abort() };
  }

  const entriesOf = (events: readonly StreamEvent[]): StreamEvent[] => events.filter(({ event }) => event === 'entry');
  const makeKey = (name: string, role = 'viewer'): Promise<CreatedKey> =>
    chartly.api.json<CreatedKey>('/v1/keys', { name, role, project: '*' });

  async function revokedReader() {
    const reader = await makeKey('reader', 'admin');
    const stream = await open('', { key: reader.key });
    await until('the stream to begin', () => when(stream.events.length >= 1));
    await chartly.api.ok(`/v1/keys/${reader.id}`, { method: 'DELETE' });
    return { how: await stream.ended, events: stream.events };
  }

  it('loses no entry and shows none twice, however often the reader comes back', async () => {
    const idOf = ({ id }: StreamEvent): number => Number(id);
    const seen: StreamEvent[] = [];
    let last: string | undefined;
    for (let round = 0; round < 4; round += 1) {
      const stream = await open(last === undefined ? '?from=0' : '', { last });
      const made = Promise.all(Array.from({ length: 5 }, (_, at) => makeKey(`round-${round}-${at}`)));
      await until('some entries to come', () => when(entriesOf(stream.events).length >= 3));
      stream.close();
      await stream.ended;
      await made;
      const came = entriesOf(stream.events);
      seen.push(...came);
      last = came.at(-1)?.id;
    }
    const rest = await open('', { last });
    await until('all entries to come', async () => {
      const { size } = await chartly.api.ok<{ size: number }>('/v1/audit/checkpoint');
      const ids = [...seen, ...entriesOf(rest.events)].map(idOf);
      return ids.at(-1) === size - 1 && size >= 20 ? true : undefined;
    });
    const ids = [...seen, ...entriesOf(rest.events)].map(idOf);
    expect(ids).toEqual(ids.map((_, at) => at));
    rest.close();
  });

  it('begins at the end of the log, shows what is looked for alone, and ends after as many as were asked for', async () => {
    const stream = await open('?action=keys.create&target=*&limit=2');
    await until('the stream to begin', () => when(stream.events.length >= 2));
    await makeKey('one');
    await chartly.api.json('/v1/roles', {}).catch(() => undefined);
    await makeKey('two');
    expect(await stream.ended).toBe('ended');
    const leaves = entriesOf(stream.events).map(({ data }) => {
      const { leaf } = JSON.parse(data!) as LoggedEntry;
      return (JSON.parse(leaf) as { action: string }).action;
    });
    expect(leaves).toEqual(['keys.create', 'keys.create']);
  });

  it('is for who may read the log, and no longer than they may', async () => {
    const stranger = await makeKey('stranger', 'ingest');
    expect((await open('', { key: stranger.key })).response.status).toBe(403);
    expect((await open('', { last: 'x' })).response.status).toBe(400);
    const { how, events } = await revoked;
    expect(how).toBe('ended');
    expect(events).toContainEqual(expect.objectContaining({ event: 'problem' }));
  });

  it('is followed by `chartly audit tail --follow`, line by line', async () => {
    const cli = spawn(process.execPath, [join(ROOT, 'bin', 'chartly.js'), 'audit', 'tail', '-n', '1', '-f'], {
      env: { ...process.env, CHARTLY_URL: chartly.api.url, CHARTLY_KEY: await chartly.api.localToken() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let said = '';
      cli.stdout.on('data', (text: Buffer) => (said += text.toString()));
      await until('the last entry', () => when(/^\d+ {2}.*\n/.test(said)));
      await makeKey('followed');
      await until('what was appended', () => when(/keys\.create {2}ApiKey\/\S+ {2}succeeded\n$/.test(said)));
    } finally {
      cli.kill();
      await once(cli, 'exit');
    }
  });

  it('is saved by `chartly audit verify --save`, and refused as a bundle when one byte of it is another', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartly-saved-'));
    const file = join(folder, 'log.json');
    const verify = async (...words: string[]) => {
      const env = { ...process.env, CHARTLY_URL: chartly.api.url, CHARTLY_KEY: await chartly.api.localToken() };
      const run = spawn(process.execPath, [join(ROOT, 'bin', 'chartly.js'), 'audit', 'verify', ...words], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let said = '';
      run.stdout.on('data', (text: Buffer) => (said += text.toString()));
      const [code] = (await once(run, 'close')) as [number | null]; // what node emits
      return { code, said };
    };
    try {
      await makeKey('saved');
      const { publicKey } = await chartly.api.ok<{ publicKey: string }>('/v1/audit/checkpoint');
      const trusted = ['--public-key', publicKey];
      const good = { code: 0, said: expect.stringMatching(/^verified: \d+ entries/) as string };
      const saved = await verify('--save', file, ...trusted);
      expect(saved).toEqual(good);
      expect(await verify('--bundle', file, ...trusted)).toEqual(saved);
      const bundle = await readFile(file, 'utf8');
      const altered = bundle.replace('keys.create', 'keys.creatE');
      expect(altered).not.toBe(bundle);
      await writeFile(file, altered);
      expect(await verify('--bundle', file, ...trusted)).toEqual({
        code: 1,
        said: expect.stringMatching(/^NOT VERIFIED: /) as string,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('ends when Chartly stops, and says when to come back', async () => {
    const stream = await open('?from=0');
    await until('the stream to begin', () => when(entriesOf(stream.events).length > 0));
    await chartly.stop();
    expect(await stream.ended).toBe('ended');
    expect(stream.events.at(-1)).toMatchObject({ retry: 2_000, comment: 'ends here; come back' });
  });
});
