import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ChartlyError } from '#libs/errors/errors';
import { Readers } from './readers';

/** A read that lasts until it is let go. */
function held(readers: Readers, project: string, order: string[], signal?: AbortSignal) {
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const done = readers.read(
    async () => {
      order.push(project);
      await gate;
    },
    { project, signal },
  );
  return { done, letGo };
}

describe('readers', () => {
  let instance: DuckDBInstance;
  let connection: DuckDBConnection;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
    connection = await instance.connect();
  });
  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
  });

  it('lets projects take turns, however many questions one of them has', async () => {
    const readers = new Readers([connection]);
    const order: string[] = [];
    const first = held(readers, 'busy', order);
    const others = ['busy', 'busy', 'busy', 'quiet', 'other', 'quiet'].map((project) => held(readers, project, order));
    for (const { letGo } of [first, ...others]) letGo();
    await Promise.all([first, ...others].map(({ done }) => done));
    expect(order).toEqual(['busy', 'busy', 'quiet', 'other', 'busy', 'quiet', 'busy']);
  });

  it('turns a project away when it has too many waiting, and says when to come again', async () => {
    const readers = new Readers([connection]);
    const first = held(readers, 'a', []);
    const waiting = Array.from({ length: 100 }, () => held(readers, 'a', []));
    const refusal: unknown = await held(readers, 'a', []).done.catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(ChartlyError);
    expect(refusal).toMatchObject({ status: 503, code: 'query.busy', details: { retryAfterMs: 1_000 } });
    const other = held(readers, 'b', []);
    for (const { letGo } of [first, ...waiting, other]) letGo();
    await Promise.all([first, ...waiting, other].map(({ done }) => done));
  });

  it('gives up its place when nobody waits any more, and interrupts what runs', async () => {
    const readers = new Readers([connection]);
    const first = held(readers, 'a', []);
    const gone = new AbortController();
    const waiting = held(readers, 'a', [], gone.signal);
    gone.abort();
    await expect(waiting.done).rejects.toMatchObject({ code: 'query.cancelled' });
    first.letGo();
    await first.done;
    const stopped = new AbortController();
    const endless = readers.read(
      async (own) => {
        stopped.abort(); // before the statement begins: the engine itself forgets such an interrupt
        await own.runAndReadAll('SELECT count(*) FROM range(1000000000000) WHERE random() > 2');
      },
      { signal: stopped.signal },
    );
    await expect(endless).rejects.toMatchObject({ code: 'query.cancelled' });
    await expect(readers.read((own) => own.runAndReadAll('SELECT 1'))).resolves.toBeDefined();
  });
});
