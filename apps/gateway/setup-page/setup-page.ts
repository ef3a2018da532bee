/** The setup page; script and style run by their nonce alone. The token stays behind the "#" until it is posted. */
export const setupPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Set up Chartly</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 12vh auto 0; max-width: 34rem; padding: 0 1.25rem; }
  h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
  label { display: block; font-weight: 600; margin-top: 1.5rem; }
  input, button { font: inherit; padding: .5rem .75rem; border-radius: .4rem; border: 1px solid #8888; }
  input { width: 100%; box-sizing: border-box; margin-top: .25rem; background: transparent; color: inherit; }
  button { margin-top: 1rem; background: #1463ff; border-color: #1463ff; color: #fff; cursor: pointer; }
  button:disabled { opacity: .5; cursor: default; }
  output { display: block; margin-top: 1.5rem; overflow-wrap: anywhere; }
  code { display: block; padding: .75rem; border: 1px solid #8888; border-radius: .4rem; user-select: all; }
</style>
<main>
  <h1>Set up Chartly</h1>
  <p>This link works once, within the hour it was made. It gives you the first admin key: every other key is made with it.</p>
  <form>
    <label for="name">Name of the key</label>
    <input id="name" value="first admin" maxlength="100" required autocomplete="off">
    <button>Make the admin key</button>
  </form>
  <output aria-live="polite"></output>
</main>
<script nonce="${nonce}">
  const form = document.querySelector('form');
  const output = document.querySelector('output');
  const token = location.hash.slice(1);
  const say = (text) => { const line = document.createElement('p'); line.textContent = text; output.append(line); };
  if (!token) {
    form.hidden = true;
    say('The address lacks its token. Open the whole link, as it stands in the file "setup-link" of the data folder.');
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    output.replaceChildren();
    try {
      const answer = await fetch('/v1/setup', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token, keyName: form.elements.name.value }),
      });
      const body = await answer.json();
      if (!answer.ok) { say(body.detail); button.disabled = false; return; }
      history.replaceState(null, '', location.pathname);
      form.hidden = true;
      say('Keep this key now: it is shown this once.');
      const code = document.createElement('code');
      code.textContent = body.key;
      output.append(code);
    } catch {
      say('Chartly does not answer. Is it still running?');
      button.disabled = false;
    }
  });
</script>
</html>
`;
