import { parseDocuments } from './parse';
import { PipelineDocument } from './pipeline';
import { resolvePipeline } from './resolve';
import { storeProblems } from './store-rules';

const base = { dataset: 'orders', time: 'at', key: ['id'] } as const;

function resolved(store: string): string[] {
  const [document] = parseDocuments(
    `apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: orders }
spec:
  steps: [{ map: { id: raw.id, at: timestamp_ms(raw.t) } }]
  store: { dataset: orders, time: at, key: [id], ${store} }
`,
    'default',
  );
  const found = resolvePipeline(document as PipelineDocument, { schema: () => undefined, connection: () => undefined });
  return Array.isArray(found) ? found.map(({ path, message }) => `${path}: ${message}`) : [];
}

describe('how a pipeline stores', () => {
  it('needs a version to merge, and takes none without', () => {
    expect(storeProblems({ ...base, mode: 'merge' })).toEqual([
      { path: 'spec.store.version', message: 'mode "merge" needs the column that tells which row is newer' },
    ]);
    expect(storeProblems({ ...base, version: 'rev', deleted: 'gone' }).map(({ path }) => path)).toEqual([
      'spec.store.version',
      'spec.store.deleted',
    ]);
    expect(storeProblems({ ...base, mode: 'merge', version: 'rev', dedupe: { by: 'key' } })).toHaveLength(1);
    expect(storeProblems({ ...base, mode: 'merge', version: 'rev', deleted: 'gone' })).toEqual([]);
    expect(storeProblems({ ...base, dedupe: { by: 'key' } })).toEqual([]);
  });

  it('keeps rows for an hour at least', () => {
    expect(storeProblems({ ...base, retain: '90d' })).toEqual([]);
    expect(storeProblems({ ...base, retain: '59m' })).toEqual([
      { path: 'spec.store.retain', message: 'is shorter than 1h' },
    ]);
  });

  it('says which columns can be a version and which can delete', () => {
    const columns = 'columns: { id: string, at: timestamp, rev: int, gone: "bool?", note: "int?" }';
    const merge = (members: string): string[] => resolved(`mode: merge, ${members}, ${columns}`);
    expect(merge('version: rev, deleted: gone')).toEqual([]);
    expect(merge('version: at')).toEqual([]);
    for (const wrong of ['id', 'note', 'missing']) {
      expect(merge(`version: ${wrong}`)).toEqual([
        `spec.store.version: "${wrong}" must be an int, a double or a timestamp that is never null`,
      ]);
    }
    expect(merge('version: rev, deleted: rev')).toEqual(['spec.store.deleted: "rev" must be a bool']);
  });

  it('keeps the names of its own columns free', () => {
    expect(resolved('columns: { id: string, at: timestamp, _Append: int }')).toEqual([
      'spec.store: "_Append" is a name that storage keeps for itself; map it to another',
    ]);
  });
});
