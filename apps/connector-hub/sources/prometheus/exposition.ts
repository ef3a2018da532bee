import { digestOf } from '#libs/signals/series';
import { measured, SpecialNumber } from '#libs/signals/numbers';
import { pageMalformed } from '../http/page-malformed';

/** One sample of a scrape. */
export interface ScrapedSample {
  readonly kind: 'sample';
  readonly name: string;
  /** What the endpoint says that the metric is: counter, gauge, histogram, summary or untyped. */
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The same for the same name and labels. */
  readonly series: string;
  /** The sample's own time, or that of the scrape. RFC 3339 UTC. */
  readonly time: string;
  readonly value: number | null;
  readonly special?: SpecialNumber;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\[^\n])*)"\s*(,?)/y;
const REST = /^[ \t]+(\S+)(?:[ \t]+(-?\d{1,16}))?[ \t]*$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)$/;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
};
/** A part of a histogram or summary has the type of the whole. */
const SUFFIX = /_(?:bucket|sum|count)$/;

/**
 * The samples of a page in the text format 0.0.4 of Prometheus (prometheus.io/docs/instrumenting/exposition_formats).
 * Throws Unprocessable `pull.page_malformed` that names the line.
 */
export function scrapedSamples(page: string, scrapedAt: Date): ScrapedSample[] {
  const types = new Map<string, string>();
  return page.split('\n').flatMap((written, at) => {
    const line = written.trim();
    if (line === '') return [];
    if (line.startsWith('#')) {
      const [, name, type] = /^#\s+TYPE\s+(\S+)\s+(\S+)$/.exec(line) ?? [];
      if (name !== undefined && type !== undefined) types.set(name, type);
      return [];
    }
    const sample = sampleOf(line, types, scrapedAt);
    if (sample === undefined)
      throw pageMalformed(`is not in the text format of Prometheus: line ${at + 1} is no sample`);
    return [sample];
  });
}

function sampleOf(line: string, types: ReadonlyMap<string, string>, scrapedAt: Date): ScrapedSample | undefined {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  const labelled = labelsOf(line, name.length);
  const [, number, timestamp] = REST.exec(line.slice(labelled?.end)) ?? [];
  if (!labelled || number === undefined) return undefined;
  const value = NUMBER.test(number) ? Number(number) : SPECIAL[number.toLowerCase()];
  const time = timestamp === undefined ? scrapedAt : new Date(Number(timestamp));
  if (value === undefined || Number.isNaN(time.getTime())) return undefined;
  const { labels } = labelled;
  return {
    kind: 'sample',
    name,
    type: types.get(name) ?? types.get(name.replace(SUFFIX, '')) ?? 'untyped',
    labels,
    series: digestOf([name, labels]),
    time: time.toISOString(),
    ...measured(value),
  };
}

function labelsOf(line: string, from: number): { labels: Record<string, string>; end: number } | undefined {
  const labels: Record<string, string> = {};
  const open = /^\s*\{/.exec(line.slice(from));
  if (!open) return { labels, end: from };
  let at = from + open[0].length;
  for (let more = true; more;) {
    LABEL.lastIndex = at;
    const found = LABEL.exec(line);
    if (!found) break;
    const [whole, name = '', text = '', comma] = found;
    if (Object.hasOwn(labels, name)) return undefined;
    labels[name] = unescaped(text);
    at += whole.length;
    more = comma === ',';
  }
  const close = /^\s*\}/.exec(line.slice(at));
  return close ? { labels, end: at + close[0].length } : undefined;
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
