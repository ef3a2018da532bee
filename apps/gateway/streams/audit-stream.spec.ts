import { AuditContract, Checkpoint, EntryPage, ListEntries, LoggedEntry } from '#libs/contracts/audit.contract';
import { StreamEvent } from '#libs/event-stream/event-stream';
import { Callers } from '../access/callers';
import { GuardedRequest } from '../access/presented-credential';
import { AuditHeads } from './audit-heads';
import { AuditStream } from './audit-stream';

/** A log whose first entries can be sealed while somebody reads it. */
class SealableLog {
  sealed = 0;
  size = 600;
  afterPage: () => void = () => undefined;

  checkpoint(): Promise<Checkpoint> {
    const { size, sealed } = this;
    return Promise.resolve({ size, sealed, root: '', note: '', publicKey: '', handovers: [] });
  }

  entries({ from = 0, limit = 100, action }: ListEntries): Promise<EntryPage> {
    const entries: LoggedEntry[] = [];
    for (let index = Math.max(from, this.sealed); index < this.size && entries.length < limit; index += 1) {
      if (action === undefined || index % 100 === 0) entries.push({ index, leaf: `{"id":${index}}`, disclosed: [] });
    }
    const next = (entries.at(-1)?.index ?? this.size) + 1;
    const page = { entries, ...(entries.length === limit && next < this.size ? { next } : {}) };
    this.afterPage();
    return Promise.resolve(page);
  }
}

describe('following the audit log', () => {
  let log: SealableLog;

  beforeEach(() => {
    log = new SealableLog();
  });

  /** The events that a reader gets until it has so many entries. */
  async function read(
    from: number,
    limit: number,
    found: Omit<ListEntries, 'from' | 'limit'> = {},
  ): Promise<StreamEvent[]> {
    const audit = log as unknown as AuditContract; // what the stream asks of it
    const stream = new AuditStream(audit, new AuditHeads(audit), {} as Callers);
    const events: StreamEvent[] = [];
    const request = {} as GuardedRequest;
    for await (const event of stream.follow(request, { found, from, limit }, new AbortController().signal))
      events.push(event);
    return events.filter(({ event }) => event !== undefined);
  }

  it('tells whoever comes back behind sealed entries which these are, and goes on with the first that is left', async () => {
    log.sealed = 512;
    const [first, second, ...rest] = await read(10, 88);
    expect(first).toEqual({
      id: '511',
      event: 'sealed',
      data: '{"from":10,"to":511,"hashes":"/v1/audit/hashes?from=10&limit=502","mirror":"tile/entries/000"}',
    });
    expect(second).toMatchObject({ id: '512', event: 'entry' });
    expect(rest).toHaveLength(87);
  });

  it('says nothing of sealed entries that the reader has, nor of those that it does not look for', async () => {
    log.sealed = 256;
    const all = await read(256, 344);
    expect(all.map(({ id }) => Number(id))).toEqual(Array.from({ length: 344 }, (_, at) => 256 + at));
    const found = await read(256, 3, { action: 'x' });
    expect(found.map(({ event, id }) => [event, id])).toEqual([
      ['entry', '300'],
      ['entry', '400'],
      ['entry', '500'],
    ]);
  });

  it.each([undefined, 'x'])(
    'shows none twice and skips none in silence when they are sealed under the reader (%s)',
    async (action) => {
      log.afterPage = () => (log.sealed = 512);
      const events = await (action === undefined ? read(0, 188) : read(1, 3, { action }));
      const ids = events.map(({ id }) => Number(id));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(new Set(ids).size).toBe(ids.length);
      const told = events.flatMap(({ event, id, data }) => {
        if (event === 'entry') return [{ from: Number(id), to: Number(id) }];
        return [JSON.parse(data ?? '') as { from: number; to: number }];
      });
      if (action !== undefined)
        expect(told).toMatchObject([1, 100, 200, 300].map((from) => ({ from, to: from === 1 ? 99 : from })));
      else expect(told.every(({ from }, at) => from === (told[at - 1]?.to ?? -1) + 1)).toBe(true);
    },
  );
});
