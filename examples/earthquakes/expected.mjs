/**
 * What the hourly rollup must say, computed from the file by a plain script that knows nothing of Chartly.
 * `node examples/earthquakes/expected.mjs` prints it.
 */
import { fileURLToPath } from 'node:url';
import { realFeatures } from './features.mjs';

const HOUR_MS = 3_600_000;

/** Rows of hour (RFC 3339 UTC), network, number and strongest magnitude, in the order of hour and network. */
export function expectedHourly() {
  const groups = new Map();
  for (const { properties } of realFeatures()) {
    const hour = new Date(Math.floor(properties.time / HOUR_MS) * HOUR_MS).toISOString();
    const name = hour + properties.net;
    const group = groups.get(name) ?? { hour, network: properties.net, n: 0, strongest: null };
    group.n += 1;
    if (properties.mag !== null && (group.strongest === null || properties.mag > group.strongest)) {
      group.strongest = properties.mag;
    }
    groups.set(name, group);
  }
  return [...groups.values()].sort((a, b) => (a.hour + a.network < b.hour + b.network ? -1 : 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${JSON.stringify(expectedHourly(), undefined, 2)}\n`);
}
