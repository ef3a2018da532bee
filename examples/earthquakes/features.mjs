/**
 * One week of earthquakes as the USGS published it in February 2018 (npm vega-datasets, `data/earthquakes.json`), and a
 * handful of records that are broken on purpose.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DATASET = join('node_modules', 'vega-datasets', 'data', 'earthquakes.json');

/** The 1,707 real features, in the order of the file. */
export function realFeatures() {
  const { features } = JSON.parse(readFileSync(datasetFile(), 'utf8'));
  return features;
}

/** The file in the nearest node_modules above this folder. */
function datasetFile() {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, DATASET);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) throw new Error('The package vega-datasets is not installed: run "npm ci".');
  }
}

/** Where the broken records stand among the real ones: in the second page of 500. */
export const BROKEN_AT = 700;

/** Broken on purpose, each in its own way. None of them can become a row. */
export const brokenFeatures = [
  { type: 'Feature', properties: { mag: 1.5, time: 1517500000000, net: 'ci' }, geometry: null },
  {
    type: 'Feature',
    id: 'broken-magnitude',
    properties: { mag: 'strong', time: 1517500000000, net: 'ci' },
    geometry: null,
  },
  { type: 'Feature', id: 'broken-time', properties: { mag: 1.5, time: null, net: 'ci' }, geometry: null },
  { type: 'Feature', id: 'broken-properties', geometry: null },
  'this is not a feature at all',
];

/** Every record that the upstream serves with the time it was last updated, the oldest first. */
export function servedRecords() {
  const records = realFeatures()
    .map((feature) => ({ feature, updated: feature.properties.updated, id: feature.id }))
    .sort((a, b) => a.updated - b.updated || (a.id < b.id ? -1 : 1));
  const { updated } = records[BROKEN_AT];
  const broken = brokenFeatures.map((feature) => ({ feature, updated }));
  return [...records.slice(0, BROKEN_AT), ...broken, ...records.slice(BROKEN_AT)];
}
