import { CONSISTENCY_SCRIPT } from './consistency-script';
import { LIVE_SCRIPT } from './live-script';
import { pageFrame } from './page-frame';
import { VERIFIER_SCRIPT } from './verifier-script';

const MAIN = `  <h1>Verify the audit log, live</h1>
  <p>This page asks this Chartly alone for the head of its log and the tiles of its tree, and believes neither: it follows the keys, proves that the log goes on from what this browser has seen before, and remembers the head. A log that was saved: <a href="/audit/verify">verify it without a server</a>.</p>
  <form>
    <label for="credential">API key that may read the log <small>(not kept; leave it empty when you are signed in here)</small></label>
    <input id="credential" name="credential" type="password" autocomplete="off" placeholder="ck_...">
    <label for="key">Key of the log <small>(from a source that you trust; empty takes the server's word the first time)</small></label>
    <input id="key" name="key" autocomplete="off" spellcheck="false" placeholder="chartly.local/audit+0a1b2c3d+...">
    <label for="witnesses">Keys of witnesses that must have cosigned <small>(one a line; optional)</small></label>
    <textarea id="witnesses" name="witnesses" rows="2" autocomplete="off" spellcheck="false"></textarea>
    <label class="choice"><input type="checkbox" name="entries"> Read every entry, too</label>
    <button name="go">Verify</button><button class="quiet" id="forget" type="button">Forget what this browser remembers</button>
  </form>
  <output aria-live="polite"></output>
  <ol aria-label="What was shown"></ol>`;

/** The page that verifies the log of this Chartly as it grows, and remembers in the browser how far it was. */
export const livePage = (nonce: string): string =>
  pageFrame(nonce, 'Verify the audit log, live', MAIN, [VERIFIER_SCRIPT, CONSISTENCY_SCRIPT, LIVE_SCRIPT]);
