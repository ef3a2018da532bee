import { formatTable } from './output';

describe('formatTable', () => {
  it('lines columns up, numbers to the right, and shows null as a dash', () => {
    const table = formatTable({
      columns: ['network', 'n', 'strongest'],
      rows: [
        ['ak', 12, 3.5],
        ['nc', 7, null],
      ],
    });
    expect(table.split('\n')).toEqual([
      'network   n  strongest',
      '───────  ──  ─────────',
      'ak       12        3.5',
      'nc        7          –',
    ]);
  });

  it('shows the header of an empty answer', () => {
    expect(formatTable({ columns: ['a'], rows: [] })).toBe('a\n─');
  });
});
