import { setTimeout as pause } from 'node:timers/promises';
import { readEvents, StreamEvent } from '#libs/event-stream/event-stream';
import { Client } from './client';
import { CommandFailed } from './failure';
import { say } from './output';

const RETRY_MS = 2_000;

/**
 * The events of a stream, without end: when it breaks off, it goes on behind the last event. Throws CommandFailed when the
 * server refuses, or was never there.
 */
export async function* followEvents(
  client: Client,
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): AsyncGenerator<StreamEvent> {
  let last: string | undefined;
  let retryMs = RETRY_MS;
  for (;;) {
    try {
      const headers = last === undefined ? undefined : { 'last-event-id': last };
      for await (const event of readEvents(await client.download(path, { query, headers }))) {
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
