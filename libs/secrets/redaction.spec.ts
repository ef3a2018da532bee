import fc from 'fast-check';
import { Redaction } from './redaction';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('what a peer repeats', () => {
  const SECRET = 'pä"ss/w+rd & <m\\e>\'';
  const hiding = new Redaction([['api', SECRET]]);

  it.each([
    ['as it is', SECRET],
    ['as JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['as JSON with escaped slashes', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    ['as JSON in ASCII', JSON.stringify(SECRET).slice(1, -1).replace('ä', '\\u00e4')],
    ['in a path', encodeURIComponent(SECRET)],
    ['in a path, in small letters', encodeURIComponent(SECRET).toLowerCase()],
    ['in a form', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['in XML', 'pä&quot;ss/w+rd &amp; &lt;m\\e&gt;&#39;'],
    ['in base64', base64(SECRET)],
    ['in base64 behind other text', base64(`user:${SECRET}`)],
    ['in base64 before other text', base64(`ab${SECRET} and more`)],
    ['in base64 for URLs', Buffer.from(`a${SECRET}`).toString('base64url')],
  ])('is hidden: %s', (_how, form) => {
    expect(hiding.text(`before "${form}" behind`)).toBe('before "[secret api]" behind');
  });

  it('keeps JSON what it was', () => {
    const record = { authorization: `Basic ${base64(`me:${SECRET}`)}`, note: `\n${SECRET}\n`, n: 1.5 };
    const told = hiding.text(JSON.stringify([record]));
    expect(JSON.parse(told)).toEqual([{ authorization: 'Basic [secret api]', note: '\n[secret api]\n', n: 1.5 }]);
    const wrapped = hiding.text(JSON.stringify({ lines: `one\n${base64(`user:${SECRET}`)}\ntwo` }));
    expect(Object.keys(JSON.parse(wrapped) as object)).toEqual(['lines']);
    expect(wrapped).toContain('[secret api]');
  });

  it('gives back the same bytes where nothing is to be hidden', () => {
    const bytes = Buffer.from([0xff, 0x00, 0x41]);
    expect(hiding.bytes(bytes)).toBe(bytes);
    expect(new Redaction().text('plain')).toBe('plain');
  });

  it('hides the longer of two that begin alike, and lines of one that has several', () => {
    const two = new Redaction([
      ['short', 'abcd'],
      ['long', 'abcdefgh'],
    ]);
    expect(two.text('abcdefgh abcd')).toBe('[secret long] [secret short]');
    const key = new Redaction([['key', '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----']]);
    expect(key.text('bad line: MIIEvQIBADANBgkqhkiG9w0B')).toBe('bad line: [secret key]');
  });

  it('leaves values alone that would be found everywhere', () => {
    expect(new Redaction([['pin', 'a1']]).text('a1 data1')).toBe('a1 data1');
  });

  it('is hidden in errors, with what caused them and where', () => {
    const thrown = new Error(`refused ${SECRET}`, { cause: new Error(`said ${base64(SECRET)}`) });
    expect(hiding.error(thrown)).toBe(thrown);
    expect(thrown.message).toBe('refused [secret api]');
    expect((thrown.cause as Error).message).toBe('said [secret api]');
    expect(thrown.stack).not.toContain(SECRET);
  });

  it('is hidden wherever it stands in a base64 text, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 4 }), fc.string(), fc.string(), (value, before, behind) => {
        const told = new Redaction([['s', value]]).text(`<${base64(before + value + behind)}>`);
        expect(told).not.toContain(base64(before + value + behind));
        expect(told).toContain('[secret s]');
      }),
    );
  });
});
