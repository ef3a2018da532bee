import type { RecordFormat } from '#libs/contracts/record-format';
import { decode } from '../decode';
import { Failure } from '../failure';

/** The records of a body; for one that cannot be read, why not. */
function read(format: RecordFormat, body: string | Uint8Array): unknown[] {
  const records = decode(Buffer.from(body), format);
  return Array.from({ length: records.count }, (_, index) => {
    const value = records.at(index);
    return value instanceof Failure ? value.reason : value;
  });
}

describe('decoding CSV', () => {
  it('gives each row as an object of texts by the names in the header', () => {
    expect(read('csv', '\ufeffid,name,note\r\n1,"Smith, J.","said ""hi""\nand left"\r\n002,,')).toEqual([
      { id: '1', name: 'Smith, J.', note: 'said "hi"\nand left' },
      { id: '002', name: '', note: '' },
    ]);
  });

  it('tells why a row has no value, and goes on with the next', () => {
    expect(read('csv', 'a,b\n1\n2,3\nx"y",4\n')).toEqual([
      'has 1 fields, and the header row names 2 columns',
      { a: '2', b: '3' },
      'field 1 has a quote in it and does not begin with one',
    ]);
  });

  it('gives the bytes of the row as they came', () => {
    const records = decode(Buffer.from('a\n"x\ny"\r\n'), 'csv');
    expect(Buffer.from(records.bytesOf(0)).toString()).toBe('"x\ny"');
  });
});

describe('decoding XML', () => {
  it('gives elements as values, attributes as @name, several of one name as a list', () => {
    expect(
      read(
        'xml',
        '<all><r id="1" a:b=\'x\'> 7 <tag>a</tag><tag>b</tag><e/><one><two>x</two></one></r><r>text</r><r/></all>',
      ),
    ).toEqual([{ '@id': '1', '@a:b': 'x', tag: ['a', 'b'], e: '', one: { two: 'x' }, '#text': '7' }, 'text', '']);
  });

  it('reads the five named references and characters by number, and nothing in CDATA', () => {
    const body = '<all><r a="&quot;&#x41;">&lt;&amp;amp;&#127755;<![CDATA[&lt;<b>]]>&apos;</r></all>';
    expect(read('xml', body)).toEqual([{ '@a': '"A', '#text': "<&amp;\u{1F30B}&lt;<b>'" }]);
  });

  it.each(['&nbsp;', '&', '&#0;', '&#xD800;', '&#x110000;', '&lt', '&xxe;'])(
    'rule 26: expands nothing else: %s is told and not overlooked',
    (reference) => {
      const told = `refers to "${reference.replace(/^&lt$/, '&')}", which stands for nothing`;
      expect(read('xml', `<all><r>${reference}</r><r>ok</r></all>`)).toEqual([told, 'ok']);
    },
  );

  it('refuses an attribute that stands twice on one tag', () => {
    expect(read('xml', '<all><r a="1" a="2"/></all>')).toEqual(['has the attribute a twice on one tag']);
  });

  it('takes no name for more than a name', () => {
    const [record] = read('xml', '<all><r><__proto__>x</__proto__><constructor>y</constructor></r></all>');
    expect(Object.entries(record as object)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
  });
});

const EVENT = { specversion: '1.0', id: '1', type: 'io.example', source: '/here' };

type Read = readonly [string, object, object];
type Refused = readonly [string, object, RegExp];

describe('rule 32: decoding CloudEvents', () => {
  it.each<Read>([
    ['the least there is', EVENT, EVENT],
    [
      'optional attributes that are null',
      { ...EVENT, datacontenttype: null, dataschema: null, subject: null, time: null },
      EVENT,
    ],
    [
      'all core attributes',
      {
        ...EVENT,
        datacontenttype: 'text/plain',
        dataschema: 'https://x.example/s',
        subject: 's',
        time: '2018-04-05T17:31:00Z',
      },
      {
        ...EVENT,
        datacontenttype: 'text/plain',
        dataschema: 'https://x.example/s',
        subject: 's',
        time: '2018-04-05T17:31:00Z',
      },
    ],
    ...['2018-04-05T17:31:00.000000000Z', '2018-04-05T18:31:00+01:00', '2018-04-05T16:31:00-01:00'].map(
      (time): Read => [`the time ${time}`, { ...EVENT, time }, { ...EVENT, time }],
    ),
    ['a relative source', { ...EVENT, source: '#fragment' }, { ...EVENT, source: '#fragment' }],
    [
      'text',
      { ...EVENT, datacontenttype: 'text/plain', data: 'x' },
      { ...EVENT, datacontenttype: 'text/plain', data: 'x' },
    ],
    ['data without a type', { ...EVENT, data: { a: [1] } }, { ...EVENT, data: { a: [1] } }],
    [
      'extensions of every type',
      { ...EVENT, extinteger: 10, extboolean: true, extstring: 't', exturi: 'https://x.example', extbinary: 'TWE=' },
      { ...EVENT, extinteger: 10, extboolean: true, extstring: 't', exturi: 'https://x.example', extbinary: 'TWE=' },
    ],
    [
      'JSON in base64',
      { ...EVENT, datacontenttype: 'application/vnd.x+json', data_base64: 'eyJhIjoxfQ==' },
      { ...EVENT, datacontenttype: 'application/vnd.x+json', data: { a: 1 } },
    ],
    [
      'other bytes in base64',
      { ...EVENT, datacontenttype: 'image/png', data_base64: 'AAEC' },
      { ...EVENT, datacontenttype: 'image/png', data_base64: 'AAEC' },
    ],
  ])('reads %s', (_, written, value) => {
    expect(read('cloudevents', JSON.stringify(written))).toEqual([value]);
    expect(read('cloudevents', JSON.stringify([written, written]))).toEqual([value, value]);
  });

  it.each<Refused>([
    ['no specversion', { ...EVENT, specversion: undefined }, /"specversion" is missing/],
    ['no id', { ...EVENT, id: undefined }, /"id" is missing/],
    ['no type', { ...EVENT, type: undefined }, /"type" is missing/],
    ['no source', { ...EVENT, source: undefined }, /"source" is missing/],
    ...[
      'lunchtime',
      '2018-04-05T18:31Z',
      '2018-04-05T18:31:00X',
      '2018-04-05T18:31:00+25:00',
      '2018-04-05T18:31:00+xx:00',
      '2018-04-05T18:31:00+05',
    ].map((time): Refused => [`the time ${time}`, { ...EVENT, time }, /time is not as in RFC 3339/]),
    ...(['id', 'type', 'source', 'specversion', 'datacontenttype', 'dataschema', 'subject'] as const).map(
      (name): Refused => [`an empty ${name}`, { ...EVENT, [name]: '' }, new RegExp(`"${name}" is empty`)],
    ),
    ['another specversion', { ...EVENT, specversion: '0.9' }, /specversion is "0.9"/],
    ['a type that is none', { ...EVENT, datacontenttype: 'xyz' }, /no media type/],
    ['a number for an id', { ...EVENT, id: 25 }, /"id" is not a text/],
    ['an object for an id', { ...EVENT, id: { xyz: 'abc' } }, /"id" is not a text/],
    ['capitals in a name', { ...EVENT, MyExtension: 'bad' }, /lower-case letters and digits/],
    ['a dot in a name', { ...EVENT, 'my.extension': 'bad' }, /lower-case letters and digits/],
    ['a fraction', { ...EVENT, extension: 1.5 }, /neither a text, a whole number/],
    ['both data and data_base64', { ...EVENT, data: 't', data_base64: 'AAEC' }, /both/],
    ['base64 that is none', { ...EVENT, data_base64: '%' }, /not base64/],
    ['a list', [[EVENT]], /not an object/],
  ])('tells why it is none: %s', (_, written, sentence) => {
    expect(read('cloudevents', JSON.stringify(written))).toEqual([expect.stringMatching(sentence)]);
  });

  it('takes an empty batch, which is a valid one', () => {
    expect(read('cloudevents', '[]')).toEqual([]);
  });
});
