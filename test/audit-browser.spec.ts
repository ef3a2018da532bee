import { ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { leafHash } from '#libs/audit-proof/merkle';
import { verifierKey } from '#libs/audit-proof/note-keys';
import { signCheckpoint } from '#libs/audit-proof/signed-note';
import { Checkpoint, EntryPage } from '#libs/contracts/audit.contract';
import { Bundle, LOG_CASES, TRUSTED_KEY } from './scenarios/audit-logs';
import { ChartlyUnderTest } from './support/chartly';
import { Chromium, describeWithChromium } from './support/chromium';
import { ROOT } from './support/paths';
import { until } from './support/until';
import { CONSISTENCY_CASES } from './vectors/rfc6962';
import { CHECKPOINTS } from './vectors/signed-notes';

const ORIGIN = 'chartly.local/audit';
const WITNESS = 'example.com/witness';
const [first, next, stranger] = [0, 1, 2].map(() => generateKeyPairSync('ed25519')) as [Pair, Pair, Pair]; // three
const FIRST_KEY = verifierKey(ORIGIN, first.publicKey);
const pem = ({ privateKey }: Pair): string => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** `chartly audit witness`, which says itself where it is and what its key is. */
async function watch(folder: string, logs: readonly string[]): Promise<{ watching: ChildProcess; place: string }> {
  const command = [join(ROOT, 'bin', 'chartly.js'), 'audit', 'witness', '--name', WITNESS, '--port', '0'];
  const watched = logs.flatMap((key) => ['--log', key]);
  const watching = spawn(process.execPath, [...command, '--folder', join(folder, 'witness'), ...watched], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface(watching.stderr)) {
    const [, place] = /CHARTLY_AUDIT_WITNESSES=(\S+)/.exec(line) ?? [];
    if (place !== undefined) return { watching, place };
  }
  throw new Error('The witness ended.');
}

describeWithChromium('the pages that verify the audit log, in a real browser', () => {
  let chartly: ChartlyUnderTest;
  let browser: Chromium;
  let folder: string;
  let watching: ChildProcess;
  let witnessPlace: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-page-'));
    const places = await watch(folder, [FIRST_KEY, verifierKey(ORIGIN, next.publicKey)]);
    ({ watching, place: witnessPlace } = places);
    chartly = await ChartlyUnderTest.start('one process', {
      CHARTLY_AUDIT_KEY: pem(first),
      CHARTLY_AUDIT_NEXT_KEY: pem(next),
      CHARTLY_AUDIT_WITNESSES: witnessPlace,
    });
    browser = await Chromium.start();
  });
  afterAll(async () => {
    await browser?.end();
    await chartly?.end();
    watching?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (page: string): Promise<void> => browser.open(new URL(page, chartly.api.url).href);
  const formIsThere = (): Promise<true> =>
    until('the page', async () => (await browser.evaluate<boolean>('!!document.querySelector("form")')) || undefined);
  /** Presses the button that verifies, and waits for what comes of it. */
  async function pressed(): Promise<string> {
    await browser.evaluate(
      `document.querySelector('output').dataset.state = ''; document.querySelector('button').click()`,
    );
    return until('a verdict', async () => {
      const state = await browser.evaluate<string>(`document.querySelector('output').dataset.state`);
      if (state !== 'verified' && state !== 'failed') return undefined;
      return browser.evaluate<string>(`document.querySelector('output').textContent`);
    });
  }

  describe('of a saved log', () => {
    beforeAll(() => open('/audit/verify'));

    async function verdict(bundle: Bundle, key: string, earlier?: Bundle): Promise<string> {
      const file = join(folder, 'log.json');
      const before = join(folder, 'earlier.json');
      await writeFile(file, JSON.stringify(bundle));
      if (earlier) await writeFile(before, JSON.stringify(earlier));
      await formIsThere();
      await browser.evaluate(`document.querySelector('form').reset()`);
      await browser.choose('#bundle', file);
      if (earlier) await browser.choose('#earlier', before);
      await browser.evaluate(`document.querySelector('#key').value = ${JSON.stringify(key)}`);
      return pressed();
    }

    it.each([...LOG_CASES])('$what: $holds', async ({ holds, bundle, earlier }) => {
      expect(await verdict(bundle, TRUSTED_KEY, earlier)).toMatch(holds ? /^Verified: / : /^NOT VERIFIED: .+\.$/);
    });

    it('verifies the log of this Chartly, and refuses it under another key', async () => {
      await chartly.api.json('/v1/keys', { name: 'one', role: 'viewer', project: '*' });
      const { note, publicKey, handovers, size } = await until('an entry', async () => {
        const head = await chartly.api.ok<Checkpoint>('/v1/audit/checkpoint');
        return head.size > 0 ? head : undefined;
      });
      const { entries } = await chartly.api.ok<EntryPage>('/v1/audit/entries?limit=1000');
      const bundle = { note, handovers, leaves: entries.map(({ leaf }) => leaf) };
      expect(await verdict(bundle, publicKey)).toMatch(`Verified: ${size} entries of chartly.local/audit`);
      expect(await verdict(bundle, TRUSTED_KEY)).toMatch(/not signed by the given key/);
    });

    it('can send nothing anywhere, and runs no script but its own', async () => {
      const tried = await browser.evaluate<string>(
        `fetch('/v1/whoami').then(() => 'sent', (error) => error.constructor.name)`,
      );
      expect(tried).toBe('TypeError');
      const injected = await browser.evaluate<boolean>(
        `(() => { const s = document.createElement('script'); s.textContent = 'globalThis.injected = true'; document.body.append(s); return globalThis.injected === true; })()`,
      );
      expect(injected).toBe(false);
    });

    it('takes a saved log that is dropped on it', async () => {
      const bundle = LOG_CASES[0]!.bundle; // the log as it is
      await browser.evaluate(`document.querySelector('form').reset()`);
      await browser.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([${JSON.stringify(JSON.stringify(bundle))}], 'dropped.json'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      document.querySelector('#key').value = ${JSON.stringify(TRUSTED_KEY)};
    })()`);
      expect(await browser.evaluate(`document.querySelector('output').textContent`)).toMatch(/^dropped\.json is there/);
      expect(await pressed()).toMatch(/^Verified: 77 entries/);
    });
  });

  describe('of the log as it grows', () => {
    /** Verifies with what is typed; `lie` is run in the page before, to change what it hears or remembers. */
    async function live({ key = '', witnesses = '', every = false, lie = '' } = {}): Promise<string> {
      await open('/audit/live');
      await formIsThere();
      const values = { credential: await chartly.api.localToken(), key, witnesses };
      await browser.evaluate(`(() => {
        const { elements } = document.querySelector('form');
        for (const [name, value] of Object.entries(${JSON.stringify(values)})) if (value !== '') elements[name].value = value;
        elements.entries.checked = ${every};
        ${lie}
      })()`);
      return pressed();
    }
    const told = (): Promise<string> => browser.evaluate<string>(`document.querySelector('ol').innerText`);
    const checkpoint = (): Promise<Checkpoint> => chartly.api.ok<Checkpoint>('/v1/audit/checkpoint');
    /** The head of a log that never was, by the key of this one. */
    const headOfAnother = (size: number): string =>
      signCheckpoint({ origin: ORIGIN, size, root: leafHash(Buffer.from('another')) }, ORIGIN, first.privateKey);
    /** A server that changes what it answers to some paths. */
    const answering = (paths: string, change: string): string => `
      const asked = fetch;
      fetch = async (path, init) => {
        const body = await (await asked(path, init)).json();
        if (${paths}) { ${change}; }
        return Response.json(body);
      };`;
    const remember = (note: string): string => `remembered.note = ${JSON.stringify(note)};`;

    let early: Checkpoint;
    let later: Checkpoint;
    /** Leaves an entry, and gives the head over it. */
    async function grown(name: string): Promise<Checkpoint> {
      const { size } = await checkpoint();
      await chartly.api.json('/v1/keys', { name, role: 'viewer', project: '*' });
      return until('an entry', async () => {
        const head = await checkpoint();
        return head.size > size ? head : undefined;
      });
    }

    beforeAll(async () => {
      for (const name of ['live-1', 'live-2', 'live-3']) early = await grown(name);
      later = await grown('live-4');
    });

    it('verifies its head, its tiles and every entry, and remembers the head', async () => {
      expect(await live({ key: FIRST_KEY, every: true })).toMatch(/^Verified: \d+ entries of chartly\.local\/audit/);
      expect(await told()).toMatch(/remembers no head of this log yet/);
      expect(await told()).toMatch(/Each entry was read/);
    });

    it('shows that the log goes on from what this browser remembers, over a change of its key', async () => {
      await chartly.api.ok('/v1/audit/keys', { method: 'POST' });
      await grown('live-5');
      expect(await live()).toMatch(/^Verified/);
      expect(await told()).toMatch(/goes on from the \d+ entries that this browser remembers/);
      expect(await told()).toMatch(/signed by the key above, over 1 handover\./);
    });

    it('finds a log that was cut, or has forked, since', async () => {
      expect(await live({ lie: remember(headOfAnother(2)) })).toMatch(/NOT VERIFIED: the log has forked/);
      const cut = answering(`path.endsWith('/checkpoint')`, `Object.assign(body, ${JSON.stringify(early)})`);
      expect(await live({ lie: remember(later.note) + cut })).toMatch(
        `NOT VERIFIED: the log was cut: the head that this browser remembers had ${later.size} entries, and it has ${early.size} now.`,
      );
    });

    it('takes no other log for the one that it remembers, though the same key signed its head', async () => {
      const { size, root } = later;
      const renamed = { origin: 'chartly.example/audit', size, root: Buffer.from(root, 'base64') };
      const answer = { note: signCheckpoint(renamed, ORIGIN, first.privateKey), handovers: [] };
      const lie = answering(`path.endsWith('/checkpoint')`, `Object.assign(body, ${JSON.stringify(answer)})`);
      expect(await live({ lie: remember(early.note) + lie })).toMatch(
        /NOT VERIFIED: the head that this browser remembers is of another log/,
      );
    });

    it('follows no handover that stands in a tile alone, and not under the head that was signed', async () => {
      const judged = await browser.evaluate<string[]>(`(async () => {
        const hashOf = (leaf) => sha256([0], utf8.encode(leaf));
        const leaves = await Promise.all(Array.from({ length: 256 }, (_, at) => hashOf('leaf ' + at)));
        const root = base64Of(await rootOf(leaves));
        return Promise.all(['leaf 255', 'forged'].map(async (leaf) => {
          const tile = [...leaves.slice(0, 255), await hashOf(leaf)];
          const at = { origin: 'o', size: 256, root };
          const tileOf = async (level) => (level === 0 ? tile : [bytesOf(root)]);
          return requireHandovers([{ ...at, leaf }], at, tileOf).then(() => 'taken', (error) => error.message);
        }));
      })()`);
      expect(judged).toEqual(['taken', 'entry 255 is not the one that handed the log over']);
    });

    it('believes no tile that the head was not signed over, and no head of another key', async () => {
      const tampered = answering(`path.includes('/tiles/')`, `body.hashes[1] = body.hashes[0]`);
      expect(await live({ lie: tampered })).toMatch(/the tiles are not those that the head was signed over/);
      expect(await live({ key: verifierKey(ORIGIN, stranger.publicKey) })).toMatch(
        /NOT VERIFIED: a handover to another key is not signed by the key before/,
      );
    });

    it('asks that a witness has cosigned, and that the log goes on from there', async () => {
      await until('the witness', async () => ((await checkpoint()).witnessed === undefined ? undefined : true));
      expect(await live({ witnesses: witnessPlace.split('#')[1] })).toMatch(/^Verified/);
      expect(await told()).toMatch(/Witness example\.com\/witness cosigned \d+ entries at \d{4}-\d\d-\d\dT/);
      const absent = verifierKey('example.com/absent', next.publicKey, 'cosignature');
      expect(await live({ witnesses: absent })).toMatch(/the witness example\.com\/absent has cosigned no head/);
    });

    it('says what is missing to whoever may not read the log, and keeps no key of theirs', async () => {
      expect(await live({ lie: `elements.credential.value = 'ck_wrong';` })).toMatch(/NOT VERIFIED: sign in here/);
      const kept = await browser.evaluate<string>('JSON.stringify(localStorage)');
      expect(kept).not.toContain(await chartly.api.localToken());
    });

    it('rule 10: judges the published proofs and cosignatures as they should be', async () => {
      const proofs = CONSISTENCY_CASES.map(({ from, to, fromRoot, toRoot, proof }) => ({
        from,
        to,
        fromRoot: fromRoot.toString('base64'),
        toRoot: toRoot.toString('base64'),
        proof: proof.map((hash) => hash.toString('base64')),
      }));
      const judged = await browser.evaluate<boolean[]>(`Promise.all(${JSON.stringify(proofs)}.map(isConsistent))`);
      expect(judged).toEqual(CONSISTENCY_CASES.map(({ holds }) => holds));
      for (const { note, witnesses, at } of CHECKPOINTS) {
        const times = await browser.evaluate<number[]>(
          `Promise.all(${JSON.stringify(witnesses)}.map(async (key) => cosignedAt(${JSON.stringify(note)}, await readKey(key, OF_WITNESS))))`,
        );
        expect(times).toEqual(witnesses.map(() => at));
      }
    });
  });
});
