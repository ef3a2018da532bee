import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpoint, EntryPage } from '#libs/contracts/audit.contract';
import { Bundle, LOG_CASES, TRUSTED_KEY } from './scenarios/audit-logs';
import { ChartlyUnderTest } from './support/chartly';
import { Chromium, describeWithChromium } from './support/chromium';
import { until } from './support/until';

describeWithChromium('the page that verifies a saved audit log, in a real browser', () => {
  let chartly: ChartlyUnderTest;
  let browser: Chromium;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartly-page-'));
    chartly = await ChartlyUnderTest.start('one process');
    browser = await Chromium.start();
    await browser.open(new URL('/audit/verify', chartly.api.url).href);
  });
  afterAll(async () => {
    await browser?.end();
    await chartly?.end();
    await rm(folder, { recursive: true, force: true });
  });

  async function verdict(bundle: Bundle, key: string, earlier?: Bundle): Promise<string> {
    const file = join(folder, 'log.json');
    const before = join(folder, 'earlier.json');
    await writeFile(file, JSON.stringify(bundle));
    if (earlier) await writeFile(before, JSON.stringify(earlier));
    await until(
      'the page',
      async () => (await browser.evaluate<boolean>('!!document.querySelector("form")')) || undefined,
    );
    await browser.evaluate(`document.querySelector('form').reset()`);
    await browser.choose('#bundle', file);
    if (earlier) await browser.choose('#earlier', before);
    await browser.evaluate(`document.querySelector('#key').value = ${JSON.stringify(key)}`);
    await browser.evaluate(
      `document.querySelector('output').dataset.state = ''; document.querySelector('button').click()`,
    );
    return until('a verdict', async () => {
      const state = await browser.evaluate<string>(`document.querySelector('output').dataset.state`);
      if (state !== 'verified' && state !== 'failed') return undefined;
      return browser.evaluate<string>(`document.querySelector('output').textContent`);
    });
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
});
