/** What the page of saved logs does with the verifier. */
export const VERIFY_SCRIPT = String.raw`
  const form = document.querySelector('form');
  const output = document.querySelector('output');
  const show = (state, text) => { output.dataset.state = state; output.textContent = text; };
  const read = async (input) => input.files[0] ? JSON.parse(await input.files[0].text()) : undefined;
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 0) return;
    form.elements.bundle.files = event.dataTransfer.files;
    show('ready', form.elements.bundle.files[0].name + ' is there to be verified.');
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    show('busy', 'Reading …');
    try {
      if (!globalThis.crypto?.subtle) throw new Error('the browser gives WebCrypto to pages over HTTPS or from this machine alone');
      const { bundle, earlier, key } = form.elements;
      const before = await read(earlier);
      const found = await verify(await read(bundle), key.value, before ? [before.note] : [], (text) => show('busy', text));
      show('verified', 'Verified: ' + found);
    } catch (error) {
      const isOld = error.name === 'NotSupportedError';
      show('failed', 'NOT VERIFIED: ' + (isOld ? 'this browser does not know Ed25519' : error.message) + '.');
    }
  });
`;
