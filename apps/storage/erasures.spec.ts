import { DataSource } from 'typeorm';
import { digestOf } from '#libs/documents/canonical';
import { NotFound, Unavailable } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { Erasures } from './erasures';

const REQUEST = { eraseId: 'e', project: 'default', dataset: 'quakes', filters: [] };

/** Erases against a store that fails; tells whether the request was taken back. */
async function takenBack(thrown: Error): Promise<boolean> {
  const { project, dataset, filters } = REQUEST;
  const statements: string[] = [];
  const database = {
    query: (sql: string) => {
      statements.push(sql.trim());
      return Promise.resolve([{ project, dataset, asked: digestOf({ project, dataset, filters }), erased: null }]);
    },
  };
  const events = { totals: () => Promise.resolve({}), erase: () => Promise.reject(thrown) };
  const erasures = new Erasures(
    events as never,
    database as unknown as DataSource,
    undefined as never, // only these calls
    new Idempotency('storage'),
  );
  await expect(erasures.erase(REQUEST)).rejects.toBe(thrown);
  return statements.some((sql) => sql.startsWith('DELETE'));
}

describe('an erasure that fails', () => {
  it.each([
    ['a lost connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['an engine that is away', new Unavailable('storage.unavailable', 'The engine is away.')],
    ['a failure of our own', new TypeError('x is not a function')],
  ])('is kept to be carried through later after %s', async (_, thrown) => {
    expect(await takenBack(thrown)).toBe(false);
  });

  it('is forgotten when its dataset is gone', async () => {
    expect(await takenBack(new NotFound('dataset.unknown', 'There is no dataset "quakes".'))).toBe(true);
  });
});
