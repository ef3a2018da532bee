import { createServer, RequestListener, Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { addressKind } from './address';
import { AllowList } from './allow-list';
import { EgressGuard } from './egress-guard';

const FORBIDDEN_V4 = [
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '168.63.129.16',
  '100.100.100.200',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
];

/** The spellings in which a URL can carry an IPv4 address. */
function spellings(address: string): string[] {
  const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
  const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hex = (n: number): string => n.toString(16).padStart(2, '0');
  const groups = `${hex(a)}${hex(b)}:${hex(c)}${hex(d)}`;
  return [
    address,
    `${address}.`,
    String(whole),
    `0x${whole.toString(16)}`,
    `0${whole.toString(8)}`,
    `0x${hex(a)}.0x${hex(b)}.0x${hex(c)}.0x${hex(d)}`,
    `0${a.toString(8)}.0${b.toString(8)}.0${c.toString(8)}.0${d.toString(8)}`,
    `${a}.${(b << 16) | (c << 8) | d}`,
    `${a}.${b}.${(c << 8) | d}`,
    `[::ffff:${address}]`,
    `[::ffff:${groups}]`,
    `[0:0:0:0:0:ffff:${groups}]`,
    `[::ffff:0:${groups}]`,
    `[::${groups}]`,
    `[64:ff9b::${groups}]`,
    `[64:ff9b:1::${groups}]`,
    `[2002:${groups}::]`,
    `[2002:${groups}::1]`,
    `[2001:0:${groups}::]`,
    `[2001:0:4136:e378:8000:63bf:${groups}]`,
    address.replaceAll('.', '%2e'),
    address.replaceAll('.', '。'),
    [...address].map((char) => (/\d/.test(char) ? String.fromCodePoint(0xff10 + Number(char)) : char)).join(''),
    `${address}:80`,
    `${address}:8099`,
    `user@${address}`,
  ];
}

const HOSTILE = [
  ...FORBIDDEN_V4.flatMap(spellings),
  ...[
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[fec0::1]',
    '[2001:db8::1]',
    '[100::1]',
    '[5f00::1]',
    '[4000::1]',
  ],
  ...[
    'localhost',
    'localhost.',
    'LOCALHOST',
    'foo.localhost',
    '127.1',
    '127.0.1',
    '0',
    '0x7f.1',
    '0177.1',
    '127.0.0.1.nip.io',
  ],
].flatMap((host) => [`http://${host}/`, `https://${host}/x?y=1`]);

describe('the egress guard', () => {
  it(`rule 24: lets none of ${HOSTILE.length} hostile URLs through`, async () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(300);
    const guard = new EgressGuard(AllowList.parse([]), undefined, async () => Promise.resolve(['127.0.0.1']));
    const through: string[] = [];
    for (const url of HOSTILE) {
      const refused = await guard.fetch(url).then(
        () => false,
        (error: { code?: string }) => error.code === 'egress.refused' || error.code === 'egress.url',
      );
      if (!refused) through.push(url);
    }
    expect(through).toEqual([]);
  });

  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111'])('calls %s public', (address) => {
    expect(addressKind(address)).toBe('public');
  });

  it('rule 24: refuses a name of which any one answer is not public', async () => {
    const guard = new EgressGuard(AllowList.parse([]), undefined, async () => Promise.resolve(['8.8.8.8', '10.0.0.1']));
    await expect(guard.fetch('http://two-faced.example/')).rejects.toMatchObject({ code: 'egress.refused' });
  });

  describe('against a server on this machine', () => {
    let server: Server;
    let port: number;
    let answer: RequestListener;
    const hits: (string | undefined)[] = [];

    beforeAll(async () => {
      server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const address = server.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    const allowing = (...more: string[]): EgressGuard =>
      new EgressGuard(AllowList.parse([`127.0.0.1:${port}`, ...more]), undefined, async () =>
        Promise.resolve(['127.0.0.1']),
      );

    it('reaches exactly the host and port that the operator allows', async () => {
      answer = (_request, response) => response.end('hello');
      expect((await allowing().fetch(`http://127.0.0.1:${port}/`)).body.toString()).toBe('hello');
      await expect(allowing().fetch(`http://127.0.0.1:${port + 1}/`)).rejects.toMatchObject({ code: 'egress.refused' });
      await expect(allowing().fetch(`http://127.0.0.2:${port}/`)).rejects.toMatchObject({ code: 'egress.refused' });
    });

    it('rule 24: connects to the address that it checked, though the name has another by then', async () => {
      answer = (_request, response) => response.end('checked');
      const answers = [['127.0.0.1'], ['10.0.0.1']];
      const guard = new EgressGuard(AllowList.parse([`127.0.0.1:${port}`]), undefined, async () =>
        Promise.resolve(answers.shift() ?? []),
      );
      expect((await guard.fetch(`http://rebinding.example:${port}/`)).body.toString()).toBe('checked');
    });

    it('rule 24: checks where a redirect leads, and follows three of them', async () => {
      answer = (request, response) => {
        const left = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('left'));
        if (left === 0) return response.end('there');
        return response.writeHead(302, { location: `/?left=${left - 1}` }).end();
      };
      expect((await allowing().fetch(`http://127.0.0.1:${port}/?left=3`)).body.toString()).toBe('there');
      await expect(allowing().fetch(`http://127.0.0.1:${port}/?left=4`)).rejects.toMatchObject({
        code: 'egress.redirects',
      });
      answer = (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end();
      await expect(allowing().fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'egress.refused' });
    });

    it('drops credentials when a redirect leads to another origin, and keeps them on the same', async () => {
      answer = (request, response) => {
        hits.push(request.headers.authorization);
        if (request.headers.host?.startsWith('other.')) return response.end('there');
        return response.writeHead(302, { location: `http://other.example:${port}/` }).end();
      };
      await allowing().fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: 'Bearer secret' } });
      expect(hits).toEqual(['Bearer secret', undefined]);
    });

    it('rule 25: stops a body that inflates beyond measure, and one that is too long', async () => {
      const bomb = gzipSync(Buffer.alloc(20 * 2 ** 20));
      answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      await expect(allowing().fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'egress.too_large' });
      answer = (_request, response) => response.end(Buffer.alloc(11 * 2 ** 20));
      await expect(allowing().fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'egress.too_large' });
    });
  });

  it('names a wrong entry of the allow list', () => {
    expect(() => AllowList.parse(['10.0.0.0/8', 'example.com'])).toThrow(/"example.com" is neither/);
  });
});
