import { Source } from '../source';
import { sourceProblems } from './source-rules';

const folder = { url: 'file:///srv/drop', files: '**/*.csv', format: 'csv' } as const;
const auth = { accessKeyId: 'k', secretAccessKey: '${secret.bucket}' };
const bucket = { url: 's3://drop/incoming', files: '*.parquet', format: 'parquet', auth } as const;

describe('files as a source', () => {
  it.each<Source>([
    { file: folder },
    { file: { ...folder, delimiter: ';', settle: '1m', placeAs: 'from' } },
    { file: bucket },
    { file: { ...bucket, url: 'https://minio.example:9000/drop', region: 'eu-west-1' } },
  ])('are taken as they should be written: %j', (source) => {
    expect(sourceProblems(source)).toEqual([]);
  });

  it.each<[string, Source]>([
    ['spec.source.file.url', { file: { ...folder, url: 'file://host/srv' } }],
    ['spec.source.file.url', { file: { ...folder, url: 'file:///srv#x' } }],
    ['spec.source.file.url', { file: { ...bucket, url: 'https://key:secret@host/drop' } }],
    ['spec.source.file.files', { file: { ...folder, files: '../*.csv' } }],
    ['spec.source.file.files', { file: { ...folder, files: '/etc/*' } }],
    ['spec.source.file.auth', { file: { ...folder, auth } }],
    ['spec.source.file.auth', { file: { ...bucket, auth: undefined } }],
    ['spec.source.file.region', { file: { ...folder, region: 'eu-west-1' } }],
    ['spec.source.file.settle', { file: { ...bucket, settle: '5s' } }],
    ['spec.source.file.delimiter', { file: { ...bucket, delimiter: ';' } }],
  ])('say what is wrong at %s', (path, source) => {
    expect(sourceProblems(source).map((problem) => problem.path)).toEqual([path]);
  });
});
