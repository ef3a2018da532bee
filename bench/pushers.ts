import { setTimeout as pause } from 'node:timers/promises';

interface Pushing {
  readonly url: string;
  /** The value of the header. */
  readonly authorization: string;
  readonly pipeline: string;
  readonly bodies: number;
  readonly bodyAt: (at: number) => Buffer;
  /** How many push at once. */
  readonly pushers: number;
  readonly onTaken?: (bytes: number) => void;
}

export interface Pushed {
  readonly bytes: number;
  /** How often the answer was that nothing more is taken now. */
  readonly refused: number;
}

/** Pushes bodies as a well-behaved client does: what is answered with 429 is sent again when `Retry-After` says. */
export async function pushAll({ url, authorization, pipeline, ...work }: Pushing): Promise<Pushed> {
  const events = new URL(`/v1/projects/default/pipelines/${pipeline}/events`, url);
  const headers = { authorization, 'content-type': 'application/x-ndjson' };
  let next = 0;
  let bytes = 0;
  let refused = 0;
  const push = async (body: Buffer): Promise<void> => {
    for (;;) {
      const answer = await fetch(events, { method: 'POST', headers, body: new Uint8Array(body) });
      const text = await answer.text();
      if (answer.status === 202) return;
      const retryAfter = Number(answer.headers.get('retry-after'));
      if (answer.status !== 429 || !(retryAfter > 0)) throw new Error(`A push was answered ${answer.status}: ${text}`);
      refused += 1;
      await pause(retryAfter * 1_000);
    }
  };
  await Promise.all(
    Array.from({ length: work.pushers }, async () => {
      while (next < work.bodies) {
        const body = work.bodyAt(next++);
        await push(body);
        bytes += body.byteLength;
        work.onTaken?.(body.byteLength);
      }
    }),
  );
  return { bytes, refused };
}
