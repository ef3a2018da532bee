import { setImmediate } from 'node:timers/promises';

/** How long one thing is worked on before others get the thread. Unit: milliseconds. */
const SLICE_MS = 10;

/** Works in slices, and lets others have the thread between them. `onSlice` hears of each beginning and end. */
export async function inSlices<T>(
  work: Generator<void, T>,
  onSlice: (atWork: boolean) => void = () => undefined,
): Promise<T> {
  onSlice(true);
  try {
    for (let began = performance.now(); ;) {
      const { done, value } = work.next();
      if (done) return value;
      if (performance.now() - began < SLICE_MS) continue;
      onSlice(false);
      await setImmediate();
      onSlice(true);
      began = performance.now();
    }
  } finally {
    onSlice(false);
  }
}
