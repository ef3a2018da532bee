import { Mover, SEGMENT_RULES } from '#apps/connector-hub/archive/mover';
import { BatchWorker } from '#apps/normalizer/batch-worker';
import { Ids } from '#libs/clock/clock';
import { InstallSteps } from '#libs/contracts/steps';
import { ObjectStore } from '#libs/objects/object-store';
import { DataPlane } from './support/data-plane';

const NAME = { project: 'default', pipeline: 'compared' };
const BATCHES = 4;
const RECORDS = 10;

const stepsOf = (version: number, value: string, filter = 'true'): InstallSteps => ({
  ...NAME,
  version,
  steps: [{ filter }, { map: { id: 'raw.id', time: 'timestamp_ms(raw.t)', value } }],
  schemas: {},
  dataset: 'compared',
  time: 'time',
  key: ['id'],
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'time', type: 'timestamp', nullable: false },
    { name: 'value', type: 'double', nullable: true },
  ],
});

describe('a plan that runs a new mapping over the newest raw records', () => {
  let plane: DataPlane;

  beforeAll(async () => {
    plane = await DataPlane.start();
    await plane.install(stepsOf(1, 'double(raw.v)'));
    const worker = plane.get(BatchWorker);
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const lines = Array.from({ length: RECORDS }, (_, v) =>
        JSON.stringify({ id: `b${batch}-${v}`, t: 1_767_225_600_000 + v, v }),
      );
      const body = Buffer.from(lines.join('\n'));
      const { batchId } = await plane.hub.accept({ ...NAME, format: 'ndjson', body });
      await worker.normalize({ batchId, epoch: 0 });
      const rules = { ...SEGMENT_RULES, ageMs: 0 };
      if (batch === 1) await new Mover(plane.database, plane.get(ObjectStore), new Ids(), rules).move();
    }
  });
  afterAll(() => plane.stop());

  const compare = (steps: InstallSteps, records = 1_000) =>
    plane.normalizer.compare({ fromVersion: 1, steps, records });

  it('finds nothing that changes where nothing does, in the inbox and in segments alike', async () => {
    expect(await compare(stepsOf(2, 'double(raw.v) * 1.0'))).toEqual({
      pipeline: 'compared',
      fromVersion: 1,
      ...{ records: 40, same: 40, changed: 0, rowsBefore: 40, rowsAfter: 40 },
      ...{ fields: [], outcomes: [], examples: [] },
    });
  });

  it('tells how many records change, in which fields, and what they become, the newest first', async () => {
    const found = await compare(
      stepsOf(2, 'raw.v > 7 ? 1.0 / double(raw.none) : double(raw.v) * 2.0', 'raw.v != 3'),
      10,
    );
    expect(found).toMatchObject({ records: 10, same: 1, changed: 9, rowsBefore: 10, rowsAfter: 7 });
    expect(found.fields).toEqual([{ field: 'value', rows: 6 }]);
    expect(found.outcomes).toEqual([
      { from: 'normalized', to: 'quarantined', records: 2 },
      { from: 'normalized', to: 'filtered', records: 1 },
    ]);
    expect(found.examples[0]).toMatchObject({
      index: 1,
      raw: '{"id":"b3-1","t":1767225600001,"v":1}',
      before: { outcome: 'normalized', rows: [{ id: 'b3-1', value: 1 }] },
      after: { outcome: 'normalized', rows: [{ id: 'b3-1', value: 2 }] },
    });
    expect(found.examples.find(({ after }) => after.outcome === 'quarantined')?.after).toMatchObject({
      step: 'map (step 2)',
      reason: expect.stringContaining('no such overload') as string,
    });
  });

  it('is told before it where an expression computes with what may be missing', async () => {
    const { problems, warnings } = await plane.normalizer.check(stepsOf(2, 'double(raw.v) * 2.0', 'has(raw.kind)'));
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      { path: 'spec.steps[1].map.value', message: expect.stringContaining('computes with raw.v') as string },
    ]);
  });

  it('keeps nothing, and refuses steps that do not compile', async () => {
    const before = await plane.hub.totals(NAME);
    await expect(compare(stepsOf(2, 'double(raw.v'))).rejects.toMatchObject({ code: 'steps.invalid' });
    expect(await plane.hub.totals(NAME)).toEqual(before);
    expect(await plane.normalizer.quarantineTotals(NAME)).toMatchObject({ quarantined: 0 });
  });
});
