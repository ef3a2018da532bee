import { mintApiKey, readApiKey } from './api-key';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('API keys', () => {
  it('rule 17: reads back the key it minted, with 256 bits of secret and only a hash to keep', () => {
    const { text, secretHash } = mintApiKey(ID);
    expect(text).toMatch(/^ck_[0-9a-f]{32}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    expect(readApiKey(text)).toEqual({ id: ID, secretHash });
    expect(text).not.toContain(secretHash.toString('hex'));
  });

  it('mints a different secret each time', () => {
    expect(mintApiKey(ID).text).not.toBe(mintApiKey(ID).text);
  });

  it('refuses a key with any one character changed', () => {
    const { text } = mintApiKey(ID);
    for (let at = 3; at < text.length; at += 1) {
      const other = text[at] === 'a' ? 'b' : 'a';
      expect(readApiKey(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
    }
  });

  it.each(['', 'ck_', 'ck_x_y_z', 'Bearer ck_1', `${mintApiKey(ID).text} `, `${mintApiKey(ID).text}\n`])(
    'refuses %j',
    (text) => {
      expect(readApiKey(text)).toBeUndefined();
    },
  );
});
