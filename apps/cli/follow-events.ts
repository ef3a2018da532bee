import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { readEvents, StreamEvent } from '#libs/event-stream/event-stream';
import { CommandFailed } from './failure';
import { say } from './output';

const RETRY_MS = 2_000;

/**
 * The events of the stream that `open` gives, without end: when it breaks off, it is opened again behind the last event. Throws CommandFailed when the
 * server refuses, or was never there.
 */
export async function* followEvents(open: (behind?: string) => Promise<Readable>): AsyncGenerator<StreamEvent> {
  let last: string | undefined;
  let retryMs = RETRY_MS;
  for (;;) {
    try {
      for await (const event of readEvents(await open(last))) {
        last = event.id ?? last;
        retryMs = event.retry ?? retryMs;
        if (event.data !== undefined) yield event;
      }
    } catch (thrown) {
      const isRefusal = thrown instanceof CommandFailed && thrown.status !== undefined && thrown.status < 429;
      if (isRefusal || last === undefined) throw thrown;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      say(`The stream broke off (${reason}); going on behind ${last} in ${retryMs / 1_000} s.`);
    }
    await pause(retryMs);
  }
}
