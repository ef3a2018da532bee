/** A page that verifies: the same looks for each, in the light and in the dark; script and style run by their nonce alone. */
export const pageFrame = (
  nonce: string,
  title: string,
  main: string,
  scripts: readonly string[],
): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark; --good: #17702f; --bad: #b3261e; --quiet: #57606a; font: 16px/1.5 system-ui, sans-serif; }
  @media (prefers-color-scheme: dark) { :root { --good: #7ee2a0; --bad: #ff9a90; --quiet: #a6b0ba; } }
  body { margin: 8vh auto 4vh; max-width: 38rem; padding: 0 1.25rem; }
  h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
  label { display: block; font-weight: 600; margin-top: 1.5rem; }
  label.choice { font-weight: 400; }
  small { font-weight: 400; color: var(--quiet); }
  input, button, textarea { font: inherit; padding: .5rem .75rem; border-radius: .4rem; border: 1px solid #8888; }
  input:not([type=checkbox]), textarea { width: 100%; box-sizing: border-box; margin-top: .25rem; background: transparent; color: inherit; }
  :focus-visible { outline: 3px solid #1463ff88; outline-offset: 2px; }
  button { margin: 1.5rem .5rem 0 0; background: #1459e0; border-color: #1459e0; color: #fff; cursor: pointer; }
  button.quiet { background: transparent; color: inherit; border-color: #8888; }
  button:disabled { opacity: .6; cursor: progress; }
  output { display: block; margin-top: 1.5rem; overflow-wrap: anywhere; }
  output[data-state=verified] { color: var(--good); font-weight: 600; }
  output[data-state=verified]::before { content: '✓ '; }
  output[data-state=failed] { color: var(--bad); font-weight: 600; }
  output[data-state=failed]::before { content: '✕ '; }
  ol { padding-left: 1.25rem; overflow-wrap: anywhere; }
</style>
<main>
${main}
</main>
<script nonce="${nonce}">${scripts.join('\n')}</script>
</html>
`;
