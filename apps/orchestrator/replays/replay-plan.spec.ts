import { PipelineDocument } from '#libs/documents/pipeline';
import { Step } from '#libs/documents/step';
import { copyFor } from './replay-plan';

const document: PipelineDocument = {
  apiVersion: 'chartly.io/v1',
  kind: 'Pipeline',
  metadata: { name: 'orders', project: 'default' },
  spec: {
    schedule: { every: '5m' },
    steps: [{ lookup: { key: 'raw.shop', dataset: 'shops', by: 'id', set: { shop: 'name' } } }],
    store: { dataset: 'orders', time: 'at', key: ['id'], mode: 'append' },
  },
};
const withTable = (table: Readonly<Record<string, { name: string }>>): Step[] => [
  { lookup: { ...document.spec.steps[0]!.lookup!, table } },
];

describe('the pipeline that a replay makes for a new dataset', () => {
  it('has the steps and neither source nor schedule, and says whose replay it is', () => {
    const { metadata, spec } = copyFor(document, 'orders_new');
    expect(metadata).toEqual({ name: 'orders_new', project: 'default', labels: { 'replay-of': 'orders' } });
    expect(spec).toEqual({
      steps: document.spec.steps,
      store: { dataset: 'orders_new', time: 'at', key: ['id'], mode: 'append' },
      keepRaw: 'none',
    });
  });

  it('looks up in the rows that its version was applied with', () => {
    const table = { 1: { name: 'Nord' } };
    const { spec } = copyFor(document, 'orders_new', withTable(table));
    expect(spec.steps).toEqual([{ lookup: { key: 'raw.shop', table, set: { shop: 'name' } } }]);
    expect(copyFor(document, 'orders_new', withTable({})).spec.steps).toEqual(document.spec.steps);
  });
});
