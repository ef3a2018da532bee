/**
 * What the pages verify with, on WebCrypto alone. Beside the command and the one in `test/` it is the third verifier that
 * was written apart.
 */
export const VERIFIER_SCRIPT = String.raw`
  const utf8 = new TextEncoder();
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));
  const sha256 = async (first, ...rest) => {
    const parts = [Uint8Array.of(...first), ...rest];
    const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  };

  /* RFC 6962: pairs from the left, level by level; who has no neighbour goes up as it is. */
  async function rootOf(hashes) {
    let level = hashes;
    if (level.length === 0) return sha256([]);
    while (level.length > 1) {
      const above = [];
      for (let at = 0; at < level.length; at += 2) {
        above.push(at + 1 < level.length ? sha256([1], level[at], level[at + 1]) : level[at]);
      }
      level = await Promise.all(above);
    }
    return level[0];
  }

  /* C2SP signed notes. */
  const OF_LOG = 1;
  const OF_WITNESS = 4;
  async function readKey(text, type = OF_LOG) {
    const parts = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
    const typed = parts ? bytesOf(parts[3]) : [];
    if (typed.length !== 33 || typed[0] !== type) throw new Error('the key is none of a ' + (type === OF_LOG ? 'log' : 'witness') + ': it looks like name+0a1b2c3d+BASE64');
    const id = (await sha256([], utf8.encode(parts[1] + '\n'), typed)).slice(0, 4);
    if ([...id].map((byte) => byte.toString(16).padStart(2, '0')).join('') !== parts[2]) throw new Error('the key is not what its hash says');
    return { text: text.trim(), name: parts[1], id, key: await crypto.subtle.importKey('raw', typed.slice(1), { name: 'Ed25519' }, false, ['verify']) };
  }
  function* signaturesOf(note, by) {
    for (const line of note.slice(note.lastIndexOf('\n\n') + 2).split('\n')) {
      const [dash, name, signature] = line.split(' ');
      if (dash !== '—' || name !== by.name) continue;
      const bytes = bytesOf(signature);
      if (by.id.every((byte, at) => byte === bytes[at])) yield bytes.slice(4);
    }
  }
  const textOf = (note) => note.slice(0, note.lastIndexOf('\n\n') + 1);
  const isSigned = (by, signature, text) => crypto.subtle.verify({ name: 'Ed25519' }, by.key, signature, utf8.encode(text));
  async function openHead(note, by) {
    const text = textOf(note);
    for (const signature of signaturesOf(note, by)) {
      if (!(await isSigned(by, signature, text))) continue;
      const [origin, size, root] = text.split('\n');
      return { origin, size: Number(size), root };
    }
    return undefined;
  }
  /* C2SP tlog-cosignature: when a witness cosigned, in seconds since 1970; undefined when it did not. */
  async function cosignedAt(note, by) {
    for (const bytes of signaturesOf(note, by)) {
      if (bytes.length <= 8) continue;
      const seconds = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
      if (await isSigned(by, bytes.slice(8), 'cosignature/v1\ntime ' + seconds + '\n' + textOf(note))) return seconds;
    }
    return undefined;
  }

  const reserved = (leaf, action, target) => {
    if (typeof leaf !== 'string' || !leaf.startsWith('{"action":"' + action + '",')) return undefined;
    return target.exec(JSON.parse(leaf).target)?.[1];
  };
  const keyIn = (leaf) => reserved(leaf, 'audit.rotate_key', /^AuditKey\/(\S+)$/);
  const sealedIn = (leaf) => reserved(leaf, 'audit.seal', /^AuditEntries\/0-(\d+)$/);

  /* The keys from the trusted one on, each named by the last entry of a head that the one before it signed. */
  async function followKeys(handovers, trusted) {
    const eras = [{ by: await readKey(trusted), from: 0 }];
    const heads = [];
    const first = handovers.map(({ leaf }) => keyIn(leaf)).lastIndexOf(eras[0].by.text) + 1;
    for (const { note, leaf } of handovers.slice(first)) {
      const head = await openHead(note, eras.at(-1).by);
      if (!head) throw new Error('a handover to another key is not signed by the key before it');
      if (head.size <= eras.at(-1).from) throw new Error('a handover to another key is not behind the one before it');
      eras.push({ by: await readKey(keyIn(leaf) ?? ''), from: head.size });
      heads.push({ ...head, leaf });
    }
    return { eras, heads };
  }
  async function headOf(note, eras, what) {
    for (const [at, { by, from }] of eras.entries()) {
      const head = await openHead(note, by);
      if (head && head.size >= from && head.size <= (eras[at + 1]?.from ?? Infinity)) return head;
    }
    throw new Error(what + ' is not signed by the given key, or one that it handed the log over to');
  }

  async function verify({ leaves, note, handovers = [] }, trusted, earlierNotes, tell) {
    const { eras, heads } = await followKeys(handovers, trusted);
    const head = await headOf(note, eras, 'the head');
    if (leaves.length < head.size) throw new Error(head.size - leaves.length + ' of ' + head.size + ' entries are missing');
    const hashes = [];
    for (let from = 0; from < head.size; from += 4096) {
      const some = leaves.slice(from, Math.min(head.size, from + 4096));
      hashes.push(...await Promise.all(some.map((leaf) => typeof leaf === 'string' ? sha256([0], utf8.encode(leaf)) : bytesOf(leaf.hash))));
      tell(hashes.length + ' of ' + head.size + ' entries read');
    }
    const requireRoot = async ({ size, root }, what) => {
      if (base64Of(await rootOf(hashes.slice(0, size))) !== root) throw new Error(what);
    };
    await requireRoot(head, 'the entries are not those that the head was signed over: one was changed, removed, added or moved');
    for (const { leaf, ...at } of heads) {
      await requireRoot(at, 'the first ' + at.size + ' entries are not those that the log was handed over with');
      if (base64Of(await sha256([0], utf8.encode(leaf))) !== base64Of(hashes[at.size - 1])) throw new Error('entry ' + (at.size - 1) + ' is not the one that handed the log over');
    }
    const known = leaves.slice(0, head.size);
    const since = known.findLastIndex((leaf) => keyIn(leaf) === eras[0].by.text);
    const untold = known.findIndex((leaf, at) => at > since && keyIn(leaf) !== undefined && !heads.some(({ size }) => size === at + 1));
    if (untold >= 0) throw new Error('entry ' + untold + ' hands the log over to another key, and no head by the key before it says so');
    const dropped = known.findLastIndex((leaf) => typeof leaf !== 'string');
    const announced = known.reduce((most, leaf) => Math.max(most, Number(sealedIn(leaf) ?? -1)), -1);
    if (dropped > announced) throw new Error('entries up to ' + dropped + ' were dropped, and no entry of the log says so');
    for (const earlierNote of earlierNotes) {
      const earlier = await headOf(earlierNote, eras, 'the earlier head');
      if (earlier.origin !== head.origin) throw new Error('the earlier head is of another log');
      if (earlier.size > head.size) throw new Error('the log was cut: it had ' + earlier.size + ' entries once and has ' + head.size + ' now');
      await requireRoot(earlier, 'the first ' + earlier.size + ' entries are not those that the earlier head was signed over');
    }
    const sealed = known.filter((leaf) => typeof leaf !== 'string').length;
    return head.size + ' entries of ' + head.origin + (sealed ? ' (of ' + sealed + ' the hash alone is left)' : '') + ', root ' + head.root;
  }
`;
