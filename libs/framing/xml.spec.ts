import * as fc from 'fast-check';
import { BadRequest } from '#libs/errors/errors';
import { cutXml } from './cut';
import { DEPTH_MAX, RECORD_MAX_BYTES } from './frames';
import { frame } from './framing';
import { frameXml, xmlPathProblem } from './xml';

function recordsOf(text: string, path?: string): string[] {
  const body = Buffer.from(text);
  const { starts, ends } = path === undefined ? frame(body, 'xml') : frameXml(body, 0, path);
  return Array.from(starts, (start, at) => body.toString('utf8', start, ends[at]));
}

function refusal(body: Uint8Array | string, path?: string): string {
  try {
    frameXml(Buffer.from(body), 0, path);
  } catch (thrown) {
    if (thrown instanceof BadRequest && thrown.code === 'events.malformed') return thrown.message;
    throw thrown;
  }
  return 'framed';
}

const FEED = `<?xml version="1.0" encoding="UTF-8"?>
<!-- <item> -->
<rss xmlns:a="u"><channel>
  <title>items</title>
  <item id="1>"><![CDATA[</item>]]></item>
  <other><item/></other>
  <item/>
  <a:item>3</a:item>
</channel><item>not here</item></rss>`;

describe('framing of XML', () => {
  it('finds the elements at a path, and those alone, as they were written', () => {
    expect(recordsOf(FEED, '/rss/channel/item')).toEqual(['<item id="1>"><![CDATA[</item>]]></item>', '<item/>']);
    expect(recordsOf(FEED, '/rss/channel/a:item')).toEqual(['<a:item>3</a:item>']);
    expect(recordsOf(FEED, '/rss/channel/other/item')).toEqual(['<item/>']);
    expect(recordsOf(FEED, '/rss/item')).toEqual(['<item>not here</item>']);
  });

  it('takes the elements inside the root for the records when nobody names a path', () => {
    expect(recordsOf('<all>\n<a>1</a> text <b/><!-- c --><?pi ?></all>\n')).toEqual(['<a>1</a>', '<b/>']);
  });

  it('loses no record and makes none up', () => {
    const inside = fc.constantFrom('', 'x', '<a/>', '<a b="&lt;/r>"/>', '<![CDATA[<r>]]>', '<!--</r>-->');
    fc.assert(
      fc.property(fc.array(inside, { minLength: 1 }), (parts) => {
        const records = parts.map((part) => `<r>${part}</r>`);
        expect(recordsOf(`<all>${records.join('\n')}</all>`)).toEqual(records);
      }),
    );
  });

  it('never hangs or throws anything but a refusal', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '<a',
      '</a>',
      '<a>',
      '="',
      '"',
      '&',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      ' ',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (parts) => {
        expect(refusal(`<r>${parts.join('')}`)).toMatch(/framed|Nothing was taken|no records|no XML/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r><a>&e;</a></r>', /^Line 1: a DOCTYPE/],
    ['<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY l "lol">]>\n<r><a/></r>', /^Line 2: a DOCTYPE/],
    ['<r>\n<!DOCTYPE r><a/></r>', /^Line 2: a DOCTYPE/],
    ['<r><![CDATA[a]]></r><![CDATA[b]]>', /a DOCTYPE or another declaration/],
  ])('rule 26: refuses a DOCTYPE wherever it stands: %s', (body, sentence) => {
    expect(refusal(body)).toMatch(sentence);
  });

  it.each([
    ['<r><a></b></r>', /^Line 1: <\/b> closes, where <a> is open/],
    ['<r>\n<a>', /^Line 2: the element <r> is not closed/],
    ['<r><a/></r><r/>', /a second root element/],
    ['<r/>x', /text stands outside the root/],
    ['x<r/>', /text stands outside the root/],
    ['<r a=1/>', /the value of an attribute is not quoted/],
    ['<r a="1"b="2"/>', /attributes are not apart/],
    ['<r a="<"/>', /holds "<"/],
    ['<r a="1/>', /does not end/],
    ['<r>1 < 2</r>', /a name is missing/],
    ['<r><!-- </r>', /a comment does not end/],
    ['</r>', /nothing is open/],
    ['<?xml version="1.0" encoding="iso-8859-1"?><r><a/></r>', /says that it is "iso-8859-1"; send it in UTF-8/],
    [Buffer.from([0x3c, 0x72, 0x3e, 0xff]), /not valid UTF-8/],
    ['<r></r>', /no element stands inside its root/],
    ['', /no XML document/],
  ])('refuses %j and says where', (body, sentence) => {
    expect(refusal(body)).toMatch(sentence);
  });

  it('refuses a record that is too large', () => {
    expect(refusal(`<r><a>${'x'.repeat(RECORD_MAX_BYTES)}</a></r>`)).toMatch(/record 1 has 1048583 bytes/);
  });

  it('rule 35: refuses a record that nests deeper than 64, however deep it lies itself', () => {
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(recordsOf(`<r>${nested(DEPTH_MAX)}</r>`)).toHaveLength(1);
    expect(recordsOf(`<r><s>${nested(DEPTH_MAX)}</s></r>`, '/r/s/a')).toHaveLength(1);
    expect(refusal(`<r>\n${nested(DEPTH_MAX + 1)}</r>`)).toMatch(/^Line 2: record 1 nests deeper than 64 levels/);
    expect(refusal('<a>'.repeat(1_000_000), '/a/b')).toMatch(/nest deeper than 128/);
  });

  it('names a path that it cannot follow', () => {
    expect(xmlPathProblem('/rss/channel/a:item')).toBeUndefined();
    expect(xmlPathProblem('rss/item')).toMatch(/no path of element names/);
    expect(xmlPathProblem('//item')).toMatch(/no path of element names/);
    expect(xmlPathProblem('/a'.repeat(17))).toMatch(/17 elements deep; 16/);
    expect(refusal('<r><a/></r>', '/r/b')).toMatch(/it has no element \/r\/b/);
  });

  it('reads a tag with many attributes in one pass', () => {
    const attributes = Array.from({ length: 50_000 }, (_, at) => ` a${at}="x"`).join('');
    expect(recordsOf(`<r><a${attributes}/></r>`)).toHaveLength(1);
  });

  it('cuts the records at a path into documents of their own', () => {
    const items = Array.from({ length: 300 }, (_, at) => `<item n="${at}">${'x'.repeat(20)}</item>`);
    const parts = cutXml(Buffer.from(`<rss><channel>${items.join('')}</channel></rss>`), '/rss/channel/item', 1_000);
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.flatMap(({ payload }) => recordsOf(payload.toString()))).toEqual(items);
    expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(300);
  });
});
