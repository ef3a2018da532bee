import { DataSource } from 'typeorm';
import { Ids } from '#libs/clock/clock';
import { openTestDatabase, TestDatabase } from '#libs/testing/postgres';
import { normalizerMigrations } from '../normalizer.migrations';
import { Chunks, RunningTask } from './chunks';

const NAME = { project: 'default', pipeline: 'quakes' };

describe('the chunks of a quarantine task', () => {
  let test: TestDatabase;
  let database: DataSource;
  let chunks: Chunks;
  const ids = new Ids();

  beforeAll(async () => {
    test = await openTestDatabase([normalizerMigrations]);
    ({ database } = test);
    chunks = new Chunks(database, ids);
  });
  afterAll(() => test.stop());

  async function quarantined(): Promise<string> {
    const batchId = ids.uuidv7();
    await database.query(
      `INSERT INTO normalizer.quarantine (batch_id, generation, index, project, pipeline, version, step, reason, raw)
       VALUES ($1, 0, 0, $2, $3, 1, 'map', 'no', '{}')`,
      [batchId, NAME.project, NAME.pipeline],
    );
    return batchId;
  }

  async function begin(): Promise<RunningTask> {
    await database.query(
      `INSERT INTO normalizer.quarantine_tasks (id, project, pipeline, action, version, selection)
       VALUES ($1, $2, $3, 'retry', 2, '{}')`,
      [ids.uuidv7(), NAME.project, NAME.pipeline],
    );
    return (await chunks.takeTask())!; // it was just put there
  }

  const stateOf = async ({ id }: RunningTask): Promise<string | undefined> => {
    const [row] = await database.query<{ state: string }[]>(
      'SELECT state FROM normalizer.quarantine_tasks WHERE id = $1',
      [id],
    );
    return row?.state;
  };

  it('are found behind one whose records a replay superseded, and the task ends when all are', async () => {
    const [replayed, other] = [await quarantined(), await quarantined()];
    const task = await begin();
    await database.query(
      `WITH one AS (INSERT INTO normalizer.amendments (id, task_id) VALUES ($1::uuid, $3::uuid), ($2::uuid, $3::uuid))
       UPDATE normalizer.quarantine SET held_by = CASE batch_id WHEN $4::uuid THEN $1::uuid ELSE $2::uuid END`,
      [ids.uuidv7(), ids.uuidv7(), task.id, replayed],
    );
    await database.query('DELETE FROM normalizer.quarantine WHERE batch_id = $1', [replayed]);
    const chunk = await chunks.next(task);
    expect(chunk?.records.map(({ batchId }) => batchId)).toEqual([other]);
    await chunks.finish(task);
    expect(await stateOf(task)).toBe('running');
    await chunks.end(task, chunk!, { normalized: [0], filtered: [], discarded: [], failed: [] });
    expect(await chunks.next(task)).toBeUndefined();
    await chunks.finish(task);
    expect(await stateOf(task)).toBe('done');
  });
});
