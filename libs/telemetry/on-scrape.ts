import { Gauge } from 'prom-client';

/** A gauge that is asked for at each scrape. When the answer cannot be had, the scrape goes on without it. */
export function askedOnScrape(gauge: Gauge, ask: () => Promise<void> | void): void {
  Object.assign(gauge, {
    collect: async (): Promise<void> => {
      gauge.reset();
      try {
        await ask();
      } catch {
        // what is away is shown by its own errors, and a gap here
      }
    },
  });
}
