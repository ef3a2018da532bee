import { Command } from 'commander';
import { chartly } from './program';

interface Named {
  readonly path: string;
  readonly command: Command;
}

const below = (command: Command, path: string): Named[] => [
  { path, command },
  ...command.commands.flatMap((one) => below(one, `${path} ${one.name()}`)),
];

describe('the chartly command', () => {
  const all = below(chartly(), 'chartly');

  it('says of each command and each option what it does', () => {
    const silent = all.flatMap(({ path, command }) => [
      ...(command.description() === '' ? [path] : []),
      ...command.options.filter(({ description }) => description === '').map(({ flags }) => `${path} ${flags}`),
    ]);
    expect(silent).toEqual([]);
    expect(all.length).toBeGreaterThan(60);
  });

  it('groups its commands by what they are for, and leaves none out of a group', () => {
    const [{ command }] = all as [Named];
    const ungrouped = command.commands.filter((one) => ['', 'Commands:'].includes(one.helpGroup()));
    expect(ungrouped.map((one) => one.name())).toEqual([]);
  });

  it.each([
    ['runs --limit many', 'chartly runs --help'],
    ['audit list --outcome maybe', 'chartly audit list --help'],
    ['keys create', 'chartly keys create --help'],
    ['runs --url nowhere', 'chartly runs --help'],
    ['aply', 'chartly --help'],
  ])('points from "%s" to "%s"', async (words, help) => {
    const program = chartly();
    let said = '';
    for (const { command } of below(program, '')) command.configureOutput({ writeErr: (text) => (said += text) });
    await expect(program.parseAsync(words.split(' '), { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
    expect(said).toContain(help);
  });
});
