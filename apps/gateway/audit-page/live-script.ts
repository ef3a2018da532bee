/** What the page of the live log does: asks this Chartly for its head and its tiles, and believes neither. */
export const LIVE_SCRIPT = String.raw`
  const form = document.querySelector('form');
  const output = document.querySelector('output');
  const steps = document.querySelector('ol');
  const remembered = JSON.parse(localStorage.getItem('chartly-audit') ?? '{}');
  form.elements.key.value = remembered.key ?? '';
  form.elements.witnesses.value = remembered.witnesses ?? '';
  const show = (state, text) => { output.dataset.state = state; output.textContent = text; };
  const tell = (text) => { const item = document.createElement('li'); item.textContent = text; steps.append(item); };

  async function ask(path) {
    const key = form.elements.credential.value.trim();
    const answer = await fetch(path, { headers: key ? { authorization: 'Bearer ' + key } : {}, cache: 'no-store' });
    if (answer.ok) return answer.json();
    const problem = await answer.json().catch(() => ({}));
    throw new Error(answer.status === 401 ? 'sign in here, or give a key that may read the log (audit:read)' : 'the server answered ' + answer.status + ' to ' + path + ': ' + (problem.detail ?? ''));
  }

  function tilesOf() {
    const known = new Map();
    return async (level, index, width) => {
      const path = '/v1/audit/tiles/' + level + '/' + index + '?width=' + width;
      if (!known.has(path)) known.set(path, (await ask(path)).hashes.map(bytesOf));
      return known.get(path);
    };
  }

  /* That a head is the beginning of another, by a proof from the tiles of the greater. */
  async function requireBeginning(older, head, tileOf, what) {
    if (older.origin !== head.origin) throw new Error(what + ' is of another log');
    if (older.size > head.size) throw new Error('the log was cut: ' + what + ' had ' + older.size + ' entries, and it has ' + head.size + ' now');
    if (older.size === 0) return;
    const proof = (await consistencyProof(older.size, head.size, tileOf)).map(base64Of);
    if (!(await isConsistent({ from: older.size, to: head.size, fromRoot: older.root, toRoot: head.root, proof }))) {
      throw new Error('the log has forked: the ' + older.size + ' entries of ' + what + ' are not its beginning');
    }
  }

  async function requireHandovers(heads, head, tileOf) {
    for (const { leaf, ...at } of heads) {
      await requireBeginning(at, head, tileOf, 'a handover to another key');
      const last = await sha256([0], utf8.encode(leaf));
      if (base64Of(await rootEndingWith(last, 0, at.size, head.size, tileOf)) !== at.root) throw new Error('entry ' + (at.size - 1) + ' is not the one that handed the log over');
    }
  }

  async function requireWitnesses(keys, { witnessed }, eras, head, tileOf) {
    for (const text of keys) {
      const by = await readKey(text, OF_WITNESS);
      const seconds = witnessed ? await cosignedAt(witnessed, by) : undefined;
      if (seconds === undefined) throw new Error('the witness ' + by.name + ' has cosigned no head');
      const seen = await headOf(witnessed, eras, 'the head that was cosigned');
      await requireBeginning(seen, head, tileOf, 'the head that ' + by.name + ' cosigned');
      tell('Witness ' + by.name + ' cosigned ' + seen.size + ' entries at ' + new Date(seconds * 1000).toISOString() + ', and the head goes on from there.');
    }
  }

  /* All entries; by their hashes, where they are sealed. The head is read again behind the last of these, as it names them. */
  async function download() {
    const leaves = [];
    for (;;) {
      const head = await ask('/v1/audit/checkpoint');
      const from = leaves.length;
      while (leaves.length < head.size) {
        const { entries } = await ask('/v1/audit/entries?limit=1000&from=' + leaves.length);
        const next = entries[0]?.index ?? head.size;
        while (leaves.length < next) {
          const { hashes } = await ask('/v1/audit/hashes?limit=' + Math.min(1000, next - leaves.length) + '&from=' + leaves.length);
          if (hashes.length === 0) return { ...head, leaves };
          leaves.push(...hashes.map((hash) => ({ hash })));
        }
        leaves.push(...entries.map(({ leaf }) => leaf));
        show('busy', leaves.length + ' of ' + head.size + ' entries are here');
      }
      if (!leaves.slice(from).some((leaf) => typeof leaf !== 'string')) return { ...head, leaves };
    }
  }

  async function check() {
    const given = form.elements.key.value.trim();
    const witnesses = form.elements.witnesses.value.split(/\s+/).filter(Boolean);
    const answer = await ask('/v1/audit/checkpoint');
    const trusted = given || answer.publicKey;
    const tileOf = tilesOf();
    const { eras, heads } = await followKeys(answer.handovers, trusted);
    const head = await headOf(answer.note, eras, 'the head');
    tell(head.size + ' entries are signed by ' + (given ? 'the key above' + (heads.length ? ', over ' + heads.length + (heads.length === 1 ? ' handover' : ' handovers') : '') : "the key that the server names itself: compare it with one from a source that you trust") + '.');
    if (head.size > 0 && base64Of(await hashOver(0, head.size, head.size, tileOf)) !== head.root) throw new Error('the tiles are not those that the head was signed over');
    tell('The tiles of the tree lead to the root that was signed.');
    await requireHandovers(heads, head, tileOf);
    const before = remembered.note ? await headOf(remembered.note, eras, 'the head that this browser remembers') : undefined;
    if (before) {
      await requireBeginning(before, head, tileOf, 'the head that this browser remembers');
      tell('The log goes on from the ' + before.size + ' entries that this browser remembers.');
    } else tell('This browser remembers no head of this log yet; from now on it does.');
    await requireWitnesses(witnesses, answer, eras, head, tileOf);
    if (form.elements.entries.checked) {
      const all = await download();
      tell('Each entry was read: ' + (await verify(all, trusted, [answer.note], (text) => show('busy', text))) + '.');
    }
    Object.assign(remembered, { note: answer.note, key: trusted, witnesses: witnesses.join('\n') });
    localStorage.setItem('chartly-audit', JSON.stringify(remembered));
    form.elements.key.value = trusted;
    return head;
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    steps.replaceChildren();
    show('busy', 'Asking …');
    form.elements.go.disabled = true;
    try {
      if (!globalThis.crypto?.subtle) throw new Error('the browser gives WebCrypto to pages over HTTPS or from this machine alone');
      const { origin, size, root } = await check();
      show('verified', 'Verified: ' + size + ' entries of ' + origin + ', root ' + root);
    } catch (error) {
      show('failed', 'NOT VERIFIED: ' + (error.name === 'NotSupportedError' ? 'this browser does not know Ed25519' : error.message) + '.');
    } finally {
      form.elements.go.disabled = false;
    }
  });
  document.querySelector('#forget').addEventListener('click', () => {
    localStorage.removeItem('chartly-audit');
    location.reload();
  });
`;
