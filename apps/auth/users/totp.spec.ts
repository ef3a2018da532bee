import { base32, hotp, matchingStep, stepAt, TotpHash } from './totp';

const ascii = (text: string): Buffer => Buffer.from(text, 'ascii');
const SECRETS: Readonly<Record<TotpHash, Buffer>> = {
  sha1: ascii('12345678901234567890'),
  sha256: ascii('12345678901234567890123456789012'),
  sha512: ascii('1234567890123456789012345678901234567890123456789012345678901234'),
};

describe('one-time passwords', () => {
  it.each([
    ['755224', 0],
    ['287082', 1],
    ['359152', 2],
    ['969429', 3],
    ['338314', 4],
    ['254676', 5],
    ['287922', 6],
    ['162583', 7],
    ['399871', 8],
    ['520489', 9],
  ])('RFC 4226 appendix D: %s for counter %i', (expected, counter) => {
    expect(hotp(SECRETS.sha1, BigInt(counter))).toBe(expected);
  });

  it.each<[number, TotpHash, string]>([
    [59, 'sha1', '94287082'],
    [59, 'sha256', '46119246'],
    [59, 'sha512', '90693936'],
    [1111111109, 'sha1', '07081804'],
    [1111111109, 'sha256', '68084774'],
    [1111111109, 'sha512', '25091201'],
    [1111111111, 'sha1', '14050471'],
    [1111111111, 'sha256', '67062674'],
    [1111111111, 'sha512', '99943326'],
    [1234567890, 'sha1', '89005924'],
    [1234567890, 'sha256', '91819424'],
    [1234567890, 'sha512', '93441116'],
    [2000000000, 'sha1', '69279037'],
    [2000000000, 'sha256', '90698825'],
    [2000000000, 'sha512', '38618901'],
    [20000000000, 'sha1', '65353130'],
    [20000000000, 'sha256', '77737706'],
    [20000000000, 'sha512', '47863826'],
  ])('RFC 6238 appendix B: at %i s by %s', (second, hash, expected) => {
    expect(hotp(SECRETS[hash], stepAt(second * 1_000), 8, hash)).toBe(expected);
  });

  it('takes a code of this step or one beside it, once', () => {
    const now = 1_111_111_111_000;
    const step = stepAt(now);
    const code = (offset: bigint): string => hotp(SECRETS.sha1, step + offset);
    for (const offset of [-1n, 0n, 1n]) expect(matchingStep(SECRETS.sha1, code(offset), now, 0n)).toBe(step + offset);
    for (const offset of [-2n, 2n]) expect(matchingStep(SECRETS.sha1, code(offset), now, 0n)).toBeUndefined();
    expect(matchingStep(SECRETS.sha1, code(0n), now, step)).toBeUndefined();
    for (const wrong of ['', '12345', '1234567', 'abcdef', ' 12345']) {
      expect(matchingStep(SECRETS.sha1, wrong, now, 0n)).toBeUndefined();
    }
  });

  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('RFC 4648 §10: base32 of %j without padding', (text, expected) => {
    expect(base32(ascii(text))).toBe(expected);
  });
});
