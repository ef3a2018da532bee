import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STEP_KINDS } from '#libs/documents/step';
import { compileCel } from './cel';
import { Failure } from './failure';
import { HELPERS } from './helpers';
import { jsonValueOf } from './json-value';

const DOCS = readFileSync(join(__dirname, '../../../docs/mapping.md'), 'utf8');

/** The cells of the table below a heading. */
function table(heading: string): string[][] {
  const [, section = ''] = DOCS.split(`## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return own
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

const code = (cell = ''): string => /`(.*)`/.exec(cell)?.[1] ?? '';

function evaluate(source: string, raw: unknown = {}): unknown {
  const meta = { received_at: new Date(0), batch: 'b', index: 0n, item: 0n };
  return compileCel(source, { hasRow: false }).evaluate({ raw, meta });
}

describe('docs/mapping.md', () => {
  const functions = table('Functions');

  it('lists the steps that there are, and no others', () => {
    expect(
      table('Steps')
        .map(([step]) => code(step))
        .sort(),
    ).toEqual([...STEP_KINDS].sort());
  });

  it.each(functions.map(([, example, gives]) => [code(example), code(gives)] as const))(
    '%s gives %s',
    (example, gives) => {
      const value = evaluate(example);
      expect(value instanceof Failure ? value.reason : jsonValueOf(value)).toEqual(jsonValueOf(evaluate(gives)));
    },
  );

  it('shows every function with an example', () => {
    const examples = functions.map(([, example]) => code(example)).join('\n');
    const missing = HELPERS.filter(({ name }) => !examples.includes(`${name}(`));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it.each(table('Missing and null').map(([written, gives]) => [code(written), gives ?? ''] as const))(
    '%s gives %s when the field is missing',
    (written, gives) => {
      expect(Number(evaluate(written, {}))).toBe(Number(gives));
    },
  );

  it.each(HELPERS.map(({ name, takes }) => [name, takes[0]] as const))(
    '%s carries null through',
    (name, arguments_) => {
      const rest = Array.from({ length: arguments_ - 1 }, () => ', "x"').join('');
      const written = name.endsWith('_time') ? `${name}(raw.a, "%Y")` : `${name}(raw.a${rest})`;
      expect(evaluate(written, {})).toBeNull();
      expect(evaluate(written, { a: null })).toBeNull();
    },
  );

  it.each(HELPERS.map(({ name, takes }) => [name, takes[0]] as const))(
    '%s says what it cannot take',
    (name, arguments_) => {
      const rest = Array.from({ length: arguments_ - 1 }, () => ', "x"').join('');
      const written = name.endsWith('_time') ? `${name}(raw.a, "%Y")` : `${name}(raw.a${rest})`;
      const value = evaluate(written, { a: { b: [] } });
      expect(value).toBeInstanceOf(Failure);
    },
  );
});
