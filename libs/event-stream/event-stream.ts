/** One block of an event stream (WHATWG HTML §9.2). */
export interface StreamEvent {
  /** What a reader comes back with as `Last-Event-ID`; one without `data` moves that alone. */
  readonly id?: string;
  readonly event?: string;
  /** Without it nothing is told to the page. */
  readonly data?: string;
  /** How long to wait before coming back. Unit: milliseconds. */
  readonly retry?: number;
  readonly comment?: string;
}

const LINE_END = /\r\n|\r|\n/;
/** A block that is longer is no event of ours. Unit: characters. */
const BLOCK_MAX = 4 * 2 ** 20;

export function writeEvent({ comment, retry, id, event, data }: StreamEvent): string {
  const lines = [
    ...linesOf('', comment),
    ...linesOf('retry', retry?.toString()),
    ...linesOf('id', id),
    ...linesOf('event', event),
    ...linesOf('data', data),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** The blocks of a stream that {@link writeEvent} wrote, as they come; one that its end cuts is left out. Throws RangeError for one without an end. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of chunks) {
    held += decoder.decode(chunk, { stream: true });
    const blocks = held.split('\n\n');
    held = blocks.pop() ?? '';
    if (held.length > BLOCK_MAX) throw new RangeError(`An event is longer than ${BLOCK_MAX} characters.`);
    yield* blocks.map(readEvent);
  }
}

function readEvent(block: string): StreamEvent {
  const fields = new Map<string, string[]>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  const text = (name: string): string | undefined => fields.get(name)?.join('\n');
  const retry = fields.get('retry')?.at(-1);
  return {
    id: fields.get('id')?.at(-1),
    event: fields.get('event')?.at(-1),
    data: text('data'),
    comment: text(''),
    ...(retry !== undefined && /^\d{1,9}$/.test(retry) ? { retry: Number(retry) } : {}),
  };
}

const linesOf = (name: string, text: string | undefined): string[] =>
  text === undefined ? [] : text.split(LINE_END).map((line) => `${name}: ${line}`);
