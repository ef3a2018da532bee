import { pageFrame } from './page-frame';
import { VERIFIER_SCRIPT } from './verifier-script';
import { VERIFY_SCRIPT } from './verify-script';

const MAIN = `  <h1>Verify a saved audit log</h1>
  <p>Everything happens in this page: it is forbidden to send anything anywhere. Save it, and it works without Chartly. The log of this Chartly as it grows: <a href="/audit/live">verify it live</a>.</p>
  <form>
    <label for="bundle">Saved log <small>(chartly audit verify --save log.json; drop it anywhere here)</small></label>
    <input id="bundle" name="bundle" type="file" accept="application/json,.json" required>
    <label for="key">Key of the log, from a source that you trust</label>
    <input id="key" name="key" required autocomplete="off" spellcheck="false" placeholder="chartly.local/audit+0a1b2c3d+...">
    <label for="earlier">A log saved earlier <small>(finds one that was cut or forked since; optional)</small></label>
    <input id="earlier" name="earlier" type="file" accept="application/json,.json">
    <button>Verify</button>
  </form>
  <output aria-live="polite"></output>`;

/** The page that verifies a saved audit log: nothing can be sent from it. */
export const verifyPage = (nonce: string): string =>
  pageFrame(nonce, 'Verify a saved audit log', MAIN, [VERIFIER_SCRIPT, VERIFY_SCRIPT]);
