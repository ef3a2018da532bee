import { VERIFY_SCRIPT } from './verify-script';

/** The page that verifies a saved audit log; script and style run by their nonce alone, and nothing can be sent. */
export const verifyPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Verify an audit log</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 8vh auto 0; max-width: 38rem; padding: 0 1.25rem; }
  h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
  label { display: block; font-weight: 600; margin-top: 1.5rem; }
  small { font-weight: 400; }
  input, button { font: inherit; padding: .5rem .75rem; border-radius: .4rem; border: 1px solid #8888; }
  input { width: 100%; box-sizing: border-box; margin-top: .25rem; background: transparent; color: inherit; }
  button { margin-top: 1.5rem; background: #1463ff; border-color: #1463ff; color: #fff; cursor: pointer; }
  output { display: block; margin-top: 1.5rem; overflow-wrap: anywhere; }
  output[data-state=verified] { color: #17803d; font-weight: 600; }
  output[data-state=failed] { color: #c62828; font-weight: 600; }
</style>
<main>
  <h1>Verify an audit log</h1>
  <p>Everything happens in this page: it is forbidden to send anything anywhere. Save it, and it works without Chartly.</p>
  <form>
    <label for="bundle">Saved log <small>(chartly audit verify --save log.json)</small></label>
    <input id="bundle" name="bundle" type="file" accept="application/json,.json" required>
    <label for="key">Key of the log, from a source that you trust</label>
    <input id="key" name="key" required autocomplete="off" spellcheck="false" placeholder="chartly.local/audit+0a1b2c3d+...">
    <label for="earlier">A log saved earlier <small>(finds one that was cut or forked since; optional)</small></label>
    <input id="earlier" name="earlier" type="file" accept="application/json,.json">
    <button>Verify</button>
  </form>
  <output aria-live="polite"></output>
</main>
<script nonce="${nonce}">${VERIFY_SCRIPT}</script>
</html>
`;
