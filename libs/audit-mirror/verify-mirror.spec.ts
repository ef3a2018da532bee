import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { leafHash } from '#libs/audit-proof/merkle';
import { verifierKey } from '#libs/audit-proof/note-keys';
import { keyTarget, ROTATED_KEY, SEALED_ENTRIES, sealTarget } from '#libs/audit-proof/reserved-entries';
import { signCheckpoint } from '#libs/audit-proof/signed-note';
import { TileEdge } from '#libs/audit-proof/tile-edge';
import { bundlePath, TILE_WIDTH, tilePath, widthOf, writeBundle } from '#libs/audit-proof/tiles';
import { canonicalJson } from '#libs/documents/canonical';
import { verifyMirror } from './verify-mirror';

const ORIGIN = 'chartly.local/audit';

describe('verifying the static files of an audit log', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = verifierKey(ORIGIN, publicKey);
  const leaves = Array.from({ length: 70_000 }, (_, at) =>
    Buffer.from(
      at === 69_000
        ? canonicalJson({ action: SEALED_ENTRIES, target: sealTarget(511) })
        : canonicalJson({ action: 'documents.apply', id: at }),
    ),
  );
  const hashes = leaves.map(leafHash);
  let place: string;
  /** What the files were that a test changed; undefined for one that was not there. */
  const before = new Map<string, Buffer | undefined>();

  const head = (size: number, signer = privateKey): string => {
    const tree = TileEdge.of(0, []);
    for (const hash of hashes.slice(0, size)) tree.append(hash);
    return signCheckpoint({ origin: ORIGIN, size, root: tree.root() }, ORIGIN, signer);
  };
  const put = async (path: string, content: Buffer | string): Promise<void> => {
    await remember(path);
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), content);
  };
  const remove = async (path: string): Promise<void> => {
    await remember(path);
    await unlink(join(place, path));
  };
  const remember = async (path: string): Promise<void> => {
    if (before.has(path)) return;
    before.set(path, await readFile(join(place, path)).catch(() => undefined));
  };
  const bundleOf = (index: number): { path: string; leaves: Buffer[] } => {
    const width = widthOf(0, index, leaves.length);
    const from = index * TILE_WIDTH;
    return { path: bundlePath({ index, width }), leaves: leaves.slice(from, from + width) };
  };
  const verdict = (...earlier: string[]) => verifyMirror(place, { publicKey: key, earlier });

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'chartly-mirror-'));
    for (let index = 0; widthOf(0, index, leaves.length) > 0; index += 1) {
      const bundle = bundleOf(index);
      await put(bundle.path, writeBundle(bundle.leaves));
    }
    await put('checkpoint', head(leaves.length));
    before.clear();
  });
  afterEach(async () => {
    for (const [path, bytes] of before) {
      if (bytes) await writeFile(join(place, path), bytes);
      else await unlink(join(place, path));
    }
    before.clear();
  });
  afterAll(() => rm(place, { recursive: true, force: true }));

  it('verifies them as they are, and against heads of any earlier size', async () => {
    expect(await verdict()).toMatchObject({ verified: true, size: 70_000, sealed: 0 });
    expect(await verdict(head(300), head(512), head(65_536))).toMatchObject({ verified: true });
  });

  it.each([0, 5, 272, 273])('finds a change in bundle %i', async (index) => {
    const bundle = bundleOf(index);
    const changed = canonicalJson({ action: 'documents.apply', id: 'another' });
    await put(bundle.path, writeBundle(bundle.leaves.with(3, Buffer.from(changed))));
    expect(await verdict()).toMatchObject({ verified: false, problem: expect.stringMatching(/not those/) as string });
  });

  it('finds a leaf that is not canonical', async () => {
    const bundle = bundleOf(9);
    await put(bundle.path, writeBundle(bundle.leaves.with(3, Buffer.from('{"b":1,"a":2}'))));
    expect(await verdict()).toMatchObject({ verified: false, problem: 'entry 2307 is not canonical JSON' });
  });

  it('finds that an earlier head was of another log', async () => {
    const other = signCheckpoint({ origin: ORIGIN, size: 300, root: leafHash(Buffer.of(1)) }, ORIGIN, privateKey);
    expect(await verdict(other)).toMatchObject({
      verified: false,
      problem: expect.stringMatching(/first 300/) as string,
    });
  });

  it.each([512, 600])('believes no key that the last of %i entries does not name', async (size) => {
    const thief = generateKeyPairSync('ed25519');
    const target = keyTarget(verifierKey(ORIGIN, thief.publicKey));
    const leaf = canonicalJson({ action: ROTATED_KEY, target });
    await put('handovers.json', JSON.stringify([{ note: head(size), leaf }]));
    await put('checkpoint', head(leaves.length, thief.privateKey));
    const problem = `entry ${size - 1} is not the one that handed the log over`;
    expect(await verdict()).toEqual({ verified: false, problem });
  });

  it('takes hashes for the entries that the log says are sealed, and for no others', async () => {
    const seal = async (index: number): Promise<void> => {
      const bundle = bundleOf(index);
      await remove(bundle.path);
      await put(tilePath({ level: 0, index, width: TILE_WIDTH }), Buffer.concat(bundle.leaves.map(leafHash)));
    };
    await seal(0);
    await seal(1);
    expect(await verdict()).toMatchObject({ verified: true, sealed: 512 });
    await seal(2);
    expect(await verdict()).toMatchObject({ verified: false, problem: expect.stringMatching(/dropped/) as string });
  });

  it('raises no false alarm when entries are sealed, and dropped here, while it reads', async () => {
    const bundle = bundleOf(0);
    await remove(bundle.path);
    await put(tilePath({ level: 0, index: 0, width: TILE_WIDTH }), Buffer.concat(bundle.leaves.map(leafHash)));
    const heads = [head(68_000), head(leaves.length)];
    const server = createServer((request, response) => {
      const path = (request.url ?? '').slice(1);
      if (path === 'checkpoint') return void response.end(heads.length > 1 ? heads.shift() : heads[0]);
      return void readFile(join(place, path)).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
      expect(await verifyMirror(url, { publicKey: key })).toMatchObject({ verified: true, size: 70_000, sealed: 256 });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([undefined, 0, 5, 272, 273])(
    'says the same by the bytes alone as with each leaf read (changed: %s)',
    async (index) => {
      if (index !== undefined) {
        const bundle = bundleOf(index);
        await put(
          bundle.path,
          writeBundle(bundle.leaves.with(3, Buffer.from(canonicalJson({ action: 'x', id: 'another' })))),
        );
      }
      const claim = { publicKey: key, earlier: [head(300), head(512)] };
      const [quick, thorough] = [
        await verifyMirror(place, claim, 'bytes'),
        await verifyMirror(place, claim, 'canonical'),
      ];
      expect(quick).toEqual(thorough);
      expect(quick.verified).toBe(index === undefined);
    },
  );

  it('says which file is missing', async () => {
    await remove(bundleOf(7).path);
    await expect(verdict()).rejects.toThrow(/Cannot find tile\/0\/007/);
  });
});
