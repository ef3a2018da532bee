import { frame } from '#libs/framing/framing';
import type { RecordPart } from '../sources/source-reader';
import { shapeOf } from './shape';
import { withDriftApart } from './split-drift';

const part = (format: RecordPart['format'], text: string): RecordPart => ({
  format,
  payload: Buffer.from(text),
  count: frame(Buffer.from(text), format).count,
});

describe('records that look otherwise', () => {
  it.each([
    ['json', '[{"a":1}]', '[{"a": 2},{"a":"x"},{"a":3.0}]', ['[{"a": 2},{"a":3.0}]', '[{"a":"x"}]']],
    ['ndjson', '{"a":1}', '{"a": 2}\nnot json\n{"b":1}', ['{"a": 2}\nnot json', '{"b":1}']],
    [
      'xml',
      '<all><r><a>1</a></r></all>',
      '<all><r><a>2</a></r> <r n="1"/><r/></all>',
      ['<records><r><a>2</a></r><r/></records>', '<records><r n="1"/></records>'],
    ],
    ['csv', 'a\n1\n', 'a,b\n1,2\n', ['a,b\n1,2\n']],
  ] as const)('are taken apart from the others, as they came: %s', (format, known, seen, expected) => {
    const parts = withDriftApart([part(format, seen)], shapeOf([part(format, known)]));
    expect(parts.map(({ payload }) => Buffer.from(payload).toString())).toEqual(expected);
    expect(parts.at(-1)?.held).toMatch(/^the source's records have changed: /);
    for (const { payload, count } of parts) expect(frame(payload, format).count).toBe(count);
  });
});
