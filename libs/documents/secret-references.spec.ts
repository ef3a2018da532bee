import { fillSecrets, secretNamesIn, secretProblem } from './secret-references';

const HEADER = 'spec.headers.authorization';

describe('references to secrets', () => {
  it('are found in any text of a value, each name once', () => {
    const value = { a: 'Bearer ${secret.one}', b: [{ c: '${secret.two}:${secret.one}' }], d: 1, e: null };
    expect(secretNamesIn(value)).toEqual(['one', 'two']);
  });

  it('are filled where they stand; a value that looks like a reference stays as it is', () => {
    const filled = fillSecrets({ a: ['x ${secret.one} y'], n: 1 }, () => '${secret.two} $& $1');
    expect(filled).toEqual({ a: ['x ${secret.two} $& $1 y'], n: 1 });
  });

  it('may stand in headers alone, so that no value gets into a URL', () => {
    expect(secretProblem('Bearer ${secret.one}', HEADER)).toBeUndefined();
    expect(secretProblem('Bearer ${secret.one}', 'spec.source.http.headers.x-key')).toBeUndefined();
    expect(secretProblem('${secret.one}', 'spec.source.mqtt.auth.password')).toBeUndefined();
    expect(secretProblem('https://x/?key=${secret.one}', 'spec.source.http.url')).toMatch(
      /in headers and under auth alone/,
    );
    expect(secretProblem('plain', 'spec.source.http.url')).toBeUndefined();
  });

  it.each(['${secret.Upper}', '${secret.}', '${secret.open', '${secret}', '${secret.a.b}'])('refuses %s', (text) => {
    expect(secretProblem(text, HEADER)).toMatch(/is no reference to a secret/);
  });
});
