import { BadRequest } from '#libs/errors/errors';
import { isBinaryMode, structuredOf } from './binary-mode';

const HEADERS = {
  host: 'example.com',
  'ce-specversion': '1.0',
  'ce-type': 'com.example.someevent',
  'ce-time': '2018-04-05T03:56:24Z',
  'ce-id': '1234-1234-1234',
  'ce-source': '/mycontext/subcontext',
};

const read = (headers: Readonly<Record<string, string>>, body: string | Uint8Array = ''): unknown =>
  JSON.parse(structuredOf(headers, Buffer.from(body)).toString());

describe('rule 32: the binary mode of CloudEvents over HTTP', () => {
  it.each(['application/json', 'application/json; charset=utf-8'])('takes attributes and JSON data of %s', (type) => {
    const body = '{\n    "message": "Hello World!"\n}';
    expect(read({ ...HEADERS, 'content-type': type }, body)).toEqual({
      id: '1234-1234-1234',
      specversion: '1.0',
      type: 'com.example.someevent',
      source: '/mycontext/subcontext',
      time: '2018-04-05T03:56:24Z',
      datacontenttype: type,
      data: { message: 'Hello World!' },
    });
    expect(structuredOf({ ...HEADERS, 'content-type': type }, Buffer.from(body)).toString()).toContain(body);
  });

  it('knows the mode by its headers', () => {
    expect([isBinaryMode(HEADERS), isBinaryMode({ 'content-type': 'application/json' })]).toEqual([true, false]);
  });

  it('keeps text as text and other bytes as base64, and no data as none', () => {
    expect(read({ ...HEADERS, 'content-type': 'text/plain' }, 'é"\n')).toMatchObject({ data: 'é"\n' });
    expect(read({ ...HEADERS, 'content-type': 'image/png' }, Buffer.from([0, 255]))).toMatchObject({
      data_base64: 'AP8=',
    });
    expect(read(HEADERS)).not.toHaveProperty('data');
  });

  it('undoes the percent-encoding of values', () => {
    expect(read({ ...HEADERS, 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'ce-ext1': '"a\\"%25"' })).toMatchObject(
      {
        subject: 'Euro € \u{1F600}',
        ext1: 'a"%',
      },
    );
  });

  it('gives the same bytes for the same event, in whatever order its headers come', () => {
    const turned = Object.fromEntries(Object.entries(HEADERS).reverse());
    expect(structuredOf(turned, Buffer.from('x'))).toEqual(structuredOf(HEADERS, Buffer.from('x')));
  });

  it.each([
    [{ 'ce-specversion': '1.0' }, /the header ce-id is missing/],
    [{ ...HEADERS, 'ce-specversion': '0.3' }, /specversion is "0.3"/],
    [{ ...HEADERS, 'ce-time': 'lunchtime' }, /time is not as in RFC 3339/],
    [{ ...HEADERS, 'ce-my_ext': 'x' }, /the header ce-my_ext names no attribute/],
    [{ ...HEADERS, 'ce-datacontenttype': 'text/plain' }, /Content-Type says what the data is/],
    [{ ...HEADERS, 'ce-subject': '%FF' }, /is not UTF-8/],
    [{ ...HEADERS, 'content-type': 'application/json' }, /says JSON, and the body is none/],
  ])('refuses what is no event and says why', (headers, sentence) => {
    const refuse = (): Buffer => structuredOf(headers, Buffer.from('{"a":'));
    expect(refuse).toThrow(BadRequest);
    expect(refuse).toThrow(sentence);
  });
});
