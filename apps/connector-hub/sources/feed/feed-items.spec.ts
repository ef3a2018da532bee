import { feedItems } from './feed-items';

const RSS = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
  <channel>
    <title>News</title><link>https://example.com/</link>
    <item>
      <guid isPermaLink="false">n-1</guid><title>One &amp; only</title><link>https://example.com/1</link>
      <pubDate>Thu, 01 Jan 2026 01:00:00 +0100</pubDate><dc:creator>Ann</dc:creator>
      <category>a</category><category domain="x">b</category>
      <description><![CDATA[<p>first</p>]]></description><content:encoded>&lt;b&gt;all&lt;/b&gt;</content:encoded>
    </item>
    <item><title>Two</title><pubDate>lunchtime</pubDate></item>
  </channel>
</rss>`;

const ATOM = `<feed xmlns="http://www.w3.org/2005/Atom">
  <title>Log</title><link href="https://example.com/" rel="alternate"/>
  <entry>
    <id>urn:1</id><title type="text">One</title>
    <link rel="self" href="https://example.com/1.atom"/><link href="https://example.com/1"/>
    <published>2026-01-01T00:00:00+01:00</published><updated>2026-01-02T00:00:00Z</updated>
    <author><name>Ann</name></author><author><name>Bob</name></author><category term="a"/>
    <summary>short</summary><content type="html">&lt;p&gt;long&lt;/p&gt;</content>
  </entry>
</feed>`;

describe('the items of a feed', () => {
  it('are read from RSS 2.0, with their times as UTC', () => {
    const [one, two] = feedItems(Buffer.from(RSS));
    expect(one).toMatchObject({
      id: 'n-1',
      title: 'One & only',
      link: 'https://example.com/1',
      published: '2026-01-01T00:00:00.000Z',
      summary: '<p>first</p>',
      content: '<b>all</b>',
      authors: ['Ann'],
      categories: ['a', 'b'],
      feed: { format: 'rss', title: 'News', link: 'https://example.com/' },
      item: { guid: { '@isPermaLink': 'false', '#text': 'n-1' } },
    });
    expect(two).toMatchObject({ title: 'Two', authors: [], item: { pubDate: 'lunchtime' } });
    expect(two?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(two).not.toHaveProperty('published');
  });

  it('are read from Atom, of several links the one to the item', () => {
    expect(feedItems(Buffer.from(ATOM))).toMatchObject([
      {
        id: 'urn:1',
        title: 'One',
        link: 'https://example.com/1',
        published: '2025-12-31T23:00:00.000Z',
        updated: '2026-01-02T00:00:00.000Z',
        summary: 'short',
        content: '<p>long</p>',
        authors: ['Ann', 'Bob'],
        categories: ['a'],
        feed: { format: 'atom', title: 'Log', link: 'https://example.com/' },
      },
    ]);
  });

  it('are read from RSS 1.0, where they stand beside the channel', () => {
    const rdf = `<rdf:RDF xmlns:rdf="r"><channel><title>T</title></channel><item rdf:about="u"><title>x</title></item></rdf:RDF>`;
    expect(feedItems(Buffer.from(rdf))).toMatchObject([{ id: 'u', title: 'x', feed: { title: 'T' } }]);
  });

  it('are read in the encoding that the feed declares', () => {
    const text =
      '<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel><item><guid>\u00e9</guid></item></channel></rss>';
    expect(feedItems(Buffer.from(text, 'latin1'))).toMatchObject([{ id: '\u00e9' }]);
  });

  it('are none of an empty feed', () => {
    expect(feedItems(Buffer.from('<rss><channel><title>quiet</title></channel></rss>'))).toEqual([]);
  });

  it.each([
    ['rule 26: a DOCTYPE', '<!DOCTYPE rss [<!ENTITY e "x">]><rss><channel/></rss>', /DOCTYPE/],
    ['a web page', '<html><body/></html>', /its root is <html>/],
    ['half a feed', '<rss><channel>', /is not closed/],
    ['nothing', '', /no XML document/],
  ])('are not read from %s', (_, text, sentence) => {
    expect(() => feedItems(Buffer.from(text))).toThrow(sentence);
  });
});
