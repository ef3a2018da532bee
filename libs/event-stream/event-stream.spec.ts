import { readEvents, StreamEvent, writeEvent } from './event-stream';

/** What is read of a text that comes in pieces of so many bytes. */
async function read(text: string, pieceBytes = 1_000): Promise<StreamEvent[]> {
  const bytes = Buffer.from(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceBytes)
      yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
  }
  const events: StreamEvent[] = [];
  for await (const event of readEvents(pieces())) events.push(event);
  return events;
}

const EVENTS: StreamEvent[] = [
  { retry: 2_000, id: '41' },
  { id: '42', event: 'entry', data: '{"a":1}' },
  { data: 'two\nlines: of text\n' },
  { comment: 'quiet', id: '43' },
  { data: 'é€😀' },
];

describe('an event stream', () => {
  it.each([1, 2, 3, 7, 1_000])('is read as it was written, in pieces of %i bytes', async (pieceBytes) => {
    expect(await read(EVENTS.map(writeEvent).join(''), pieceBytes)).toEqual(EVENTS);
  });

  it('keeps a text within its event, whatever line ends it has', async () => {
    expect(await read(writeEvent({ id: '1', data: 'a\r\n\r\nid: 9\rb' }))).toEqual([
      { id: '1', data: 'a\n\nid: 9\nb' },
    ]);
  });

  it('leaves out an event that its end cuts', async () => {
    expect(await read(`${writeEvent({ data: 'whole' })}data: ha`)).toEqual([{ data: 'whole' }]);
  });

  it('refuses an event that does not end', async () => {
    await expect(read(`data: ${'x'.repeat(5 * 2 ** 20)}`, 2 ** 20)).rejects.toThrow(RangeError);
  });
});
