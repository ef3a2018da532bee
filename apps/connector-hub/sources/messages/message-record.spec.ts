import { MessageFormat } from '#libs/documents/sources/messages';
import { frame } from '#libs/framing/framing';
import { rawJsonParts } from '../record-parts';
import { messageRecord } from './message-record';

const record = (payload: string | Buffer, format: MessageFormat = 'json'): Buffer =>
  messageRecord({ topic: 'a/b' }, Buffer.from(payload), format, 'The message 7');
const read = (...given: Parameters<typeof record>): unknown => JSON.parse(record(...given).toString());

describe('a message as a record', () => {
  it('keeps JSON as it came, numbers that JavaScript cannot hold among it', () => {
    expect(record('{"n": 12345678901234567890,"m":1.0}').toString()).toBe(
      '{"topic":"a/b","data":{"n": 12345678901234567890,"m":1.0}}',
    );
  });

  it.each(['null', '"x"', ' 5 ', '[1]'])('takes any value of JSON: %s', (text) => {
    expect(read(text)).toEqual({ topic: 'a/b', data: JSON.parse(text) });
  });

  it('gives text and bytes where the document asks for them', () => {
    expect(read('21.5 °C', 'text')).toEqual({ topic: 'a/b', data: '21.5 °C' });
    expect(read(Buffer.from([0, 255]), 'base64')).toEqual({ topic: 'a/b', data: 'AP8=' });
  });

  it.each([
    ['{"a":', { problem: 'not JSON', text: '{"a":' }],
    ['', { problem: 'not JSON', text: '' }],
    ['1}, {"topic":"forged"', { problem: 'not JSON', text: '1}, {"topic":"forged"' }],
    ['['.repeat(64) + ']'.repeat(64), { problem: 'nested too deep' }],
  ])('does not hold up what comes behind a payload that is no record: %s', (text, found) => {
    expect(read(text)).toMatchObject(found);
    const parts = rawJsonParts([record(text), record('1')]);
    expect(parts.map(({ count }) => count)).toEqual([2]);
    expect(frame(parts[0]!.payload, 'json').count).toBe(2); // one part
  });

  it('gives bytes that are no text as base64', () => {
    expect(read(Buffer.from([0xff]))).toEqual({ topic: 'a/b', problem: 'not UTF-8', base64: '/w==' });
    expect(read(Buffer.from([0xff]), 'text')).toEqual({ topic: 'a/b', problem: 'not UTF-8', base64: '/w==' });
  });

  it('refuses one that is too large for a record, and says which', () => {
    expect(() => record('x'.repeat(2 ** 20), 'text')).toThrow(/^The message 7 makes a record of 1048\d{3} bytes/);
  });
});
