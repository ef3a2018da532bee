import { ChartlyError } from '#libs/errors/errors';
import { parseDocuments } from '../parse';
import { resolvePipeline } from '../resolve';

const document = (source: object): string =>
  JSON.stringify({
    apiVersion: 'chartly.io/v1',
    kind: 'Pipeline',
    metadata: { name: 'p' },
    spec: {
      source,
      steps: [{ map: { id: 'raw.id', at: 'raw.at' } }],
      store: { dataset: 'd', time: 'at', key: ['id'], columns: { id: 'string', at: 'timestamp' } },
    },
  });

function problemsOf(source: object): string {
  try {
    parseDocuments(document(source), 'default');
    return '';
  } catch (thrown) {
    if (!(thrown instanceof ChartlyError)) throw thrown;
    return (thrown.details.fields ?? []).map(({ path, message }) => `${path}: ${message}`).join('\n');
  }
}

const http = { url: 'https://x.example/items' };

describe('an http source', () => {
  it('takes everything that it knows', () => {
    const auth = { oauth2: { tokenUrl: 'https://x.example/token', clientId: 'a', clientSecret: '${secret.a}' } };
    expect(
      problemsOf({
        http: {
          url: '${connection.x}/of/${parent.key}',
          method: 'POST',
          query: { until: '${window.to}' },
          body: { json: { after: '${page.cursor}', price: '$${5}' } },
          auth,
          records: '$.items[*]',
        },
        parent: {
          http: { url: 'https://x.example/parents', auth: { bearer: { token: '${secret.b}' } } },
          paginate: { page: { size: { value: 10 } } },
          values: { key: '$.key' },
          as: 'parent',
        },
        paginate: { cursor: { path: '$.next' }, more: '$.more', emptyPages: 3 },
        cursor: { path: '$.at', param: 'since', start: '2020-01-01', format: 'epoch_s', lookback: '1h' },
        window: { size: '1d' },
        limits: { rate: '60/m', concurrency: 4, retry: { max: 3 } },
      }),
    ).toBe('');
  });

  it.each([
    [{ http, paginate: {} }, /paginate: takes exactly one of offset, page, cursor.*has none/],
    [{ http, paginate: { none: {}, linkHeader: {} } }, /has linkHeader and none|has .*none/],
    [{ http, paginate: { page: { end: 'short' } } }, /short of what/],
    [{ http: { ...http, records: '$.[' } }, /is no JSONPath/],
    [{ http: { ...http, format: 'csv', records: '$.a' } }, /of csv every line is a record/],
    [{ http: { ...http, format: 'xml', records: '$.a' } }, /no path of element names/],
    [{ http: { ...http, format: 'csv' }, paginate: { nextUrl: { path: '$.next' } } }, /reads json, and pages are csv/],
    [{ http: { ...http, body: { json: 1 } } }, /does not go with GET/],
    [
      { http: { ...http, method: 'POST', body: { json: 1, text: { type: 'a/b', value: 'c' } } } },
      /exactly one of json/,
    ],
    [
      { http: { ...http, auth: {} } },
      /auth: takes exactly one of basic, bearer, apiKey, headers, oauth2, and has none/,
    ],
    [{ http: { ...http, auth: { apiKey: { value: 'x' } } } }, /apiKey: takes exactly one of header, query/],
    [
      { http: { ...http, auth: { oauth2: { tokenUrl: 'ftp://x', clientId: 'a', clientSecret: 'b' } } } },
      /tokenUrl: "ftp:\/\/x" is not an http or https URL/,
    ],
    [{ http: { url: 'https://x.example/${cursr}' }, cursor: { path: '$.a' } }, /did you mean \$\{cursor\}/],
    [{ http: { ...http, query: { a: '${page.size}' } } }, /there is no value \$\{page.size\}: this source has none/],
    [{ http: { url: 'https://${cursor}.example/' }, cursor: { path: '$.a' } }, /a template in its origin/],
    [{ http: { ...http, query: { key: '${secret.a}' } } }, /may stand in headers and under auth alone/],
    [{ http, cursor: { path: '$.a', start: 'yesterday' } }, /cursor.start: must be a time/],
    [{ http, cursor: { path: '$.a', type: 'number', start: 'x' } }, /cursor.start: must be a number/],
    [{ http, cursor: { path: '$.a', lookback: 5 } }, /lookback: must be a duration/],
    [{ http, cursor: { path: '$.a', type: 'text', lookback: '1h' } }, /lookback: must be left out/],
    [{ http, cursor: { path: '$.a', type: 'text', format: 'date' } }, /format: is for times alone/],
    [{ http, window: { size: '1h' } }, /window: needs a cursor of the type time/],
    [{ http, cursor: { path: '$.a', start: '2020-01-01', format: 'date' }, window: { size: '1h' } }, /too short/],
    [{ http, limits: { concurrency: 2 } }, /for children of parent records/],
    [{ http, parent: { http: { ...http, format: 'csv' }, values: { a: '$.a' } } }, /read from json alone/],
    [
      { http: { ...http, format: 'xml' }, parent: { http, values: { a: '$.a' }, as: 'p' } },
      /goes with the format json/,
    ],
    [{ limits: {} }, /takes exactly one of http.*has none/],
  ])('%j is refused', (source, reason) => {
    expect(problemsOf(source)).toMatch(reason);
  });

  it('takes URL, headers and authentication from a connection, and its own before them', () => {
    const source = {
      http: { url: '${connection.api}/items', headers: { a: 'own' } },
      parent: { http: { url: '${connection.api}/parents', auth: { bearer: { token: 'own' } } }, values: { a: '$.a' } },
    };
    const [pipeline] = parseDocuments(document(source), 'default');
    if (pipeline?.kind !== 'Pipeline') throw new Error('a pipeline was expected');
    const auth = { basic: { username: 'u', password: '${secret.p}' } };
    const connection = { url: 'https://x.example/v1/', headers: { a: 'theirs', b: 'theirs' }, auth };
    expect(resolvePipeline(pipeline, { schema: () => undefined, connection: () => connection })).toMatchObject({
      spec: {
        source: {
          http: { url: 'https://x.example/v1/items', headers: { a: 'own', b: 'theirs' }, auth },
          parent: { http: { url: 'https://x.example/v1/parents', auth: { bearer: { token: 'own' } } } },
        },
      },
    });
  });
});
