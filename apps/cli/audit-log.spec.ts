import { generateKeyPairSync } from 'node:crypto';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { Frontier, leafHash } from '#libs/audit-proof/merkle';
import { verifierKey } from '#libs/audit-proof/note-keys';
import { SEALED_ENTRIES, sealTarget } from '#libs/audit-proof/reserved-entries';
import { signCheckpoint } from '#libs/audit-proof/signed-note';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { canonicalJson } from '#libs/documents/canonical';
import { downloadLog } from './audit-log';
import { Client } from './client';

const ORIGIN = 'chartly.local/audit';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = verifierKey(ORIGIN, publicKey);

/** A server's log, whose first entries can be sealed at any moment. */
class SealableLog {
  private readonly leaves = Array.from({ length: 1_600 }, (_, at) =>
    canonicalJson({ action: 'documents.apply', id: at }),
  );
  private sealed = 0;

  seal(entries: number): void {
    this.sealed = entries;
    this.leaves.push(canonicalJson({ action: SEALED_ENTRIES, target: sealTarget(entries - 1) }));
  }

  answer(path: string, from: number, limit: number): object {
    if (path === '/v1/audit/checkpoint') return this.head();
    const hashes = this.leaves.map((leaf) => leafHash(Buffer.from(leaf)).toString('base64'));
    if (path === '/v1/audit/hashes') return { hashes: hashes.slice(from, from + limit) };
    const first = Math.max(from, this.sealed);
    const found = this.leaves.slice(first, first + limit);
    return { entries: found.map((leaf, at) => ({ index: first + at, leaf, disclosed: [] })) };
  }

  private head(): object {
    const { size, root } = this.leaves.reduce(
      ({ tree }, leaf) => {
        const grown = tree.append(leafHash(Buffer.from(leaf)));
        return { tree: grown, size: grown.size, root: grown.root() };
      },
      { tree: Frontier.empty(), size: 0, root: Frontier.empty().root() },
    );
    const note = signCheckpoint({ origin: ORIGIN, size, root }, ORIGIN, privateKey);
    return { size, root: root.toString('base64'), note, publicKey: key, handovers: [], sealed: this.sealed };
  }
}

describe('downloading the audit log', () => {
  let log: SealableLog;
  let before: (request: { readonly path: string; readonly from: number }) => void;
  let server: Server;
  let client: Client;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://chartly');
      const from = Number(searchParams.get('from') ?? 0);
      before({ path, from });
      const body = log.answer(path, from, Number(searchParams.get('limit') ?? 1_000));
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
    client = new Client({ url, key: 'ck_test', dataDir: '/nowhere' });
  });
  beforeEach(() => {
    log = new SealableLog();
    before = () => undefined;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const verdict = async () => verifyLog({ ...(await downloadLog(client)), publicKey: key });

  it('gives a log that verifies, with what was sealed before', async () => {
    expect(await verdict()).toMatchObject({ verified: true, size: 1_600, sealed: 0 });
    log.seal(512);
    expect(await verdict()).toMatchObject({ verified: true, size: 1_601, sealed: 512 });
  });

  it.each([
    ['before the first page', 0, 512],
    ['between two pages', 1_000, 1_280],
  ])('raises no false alarm when entries are sealed %s', async (_, from, sealed) => {
    let isDone = false;
    before = (request) => {
      if (isDone || request.path !== '/v1/audit/entries' || request.from !== from) return;
      isDone = true;
      log.seal(sealed);
    };
    expect(await verdict()).toEqual({
      verified: true,
      size: 1_601,
      root: expect.any(String) as string,
      sealed: sealed - from,
    });
  });
});
