/** Pieces of PromQL that dashboards and rules are put together from. */
export type Labels = Readonly<Record<string, string>>;

/** `name{job=~"$job", ...}`; values that begin with `~` or `!` say how they match. */
export function series(name: string, labels: Labels = {}): string {
  const matchers = Object.entries(labels).map(([label, value]) => {
    const [, operator = '', text = ''] = /^(=~|!~|!=)?(.*)$/s.exec(value) ?? [];
    return `${label}${operator || '='}"${text}"`;
  });
  return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
}

export const rate = (selected: string, window: string): string => `rate(${selected}[${window}])`;

export const sum = (expression: string, ...by: readonly string[]): string =>
  by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`;

/** A quantile of a histogram, by labels that are kept. */
export const quantile = (q: number, buckets: string, window: string, ...by: readonly string[]): string =>
  `histogram_quantile(${q}, ${sum(rate(buckets, window), 'le', ...by)})`;

/** Nothing is 0, so that a quiet system shows a line and not a gap. */
export const orZero = (expression: string): string => `${expression} or vector(0)`;

/** `part` in `whole`; 0 when there was nothing at all. */
export const share = (part: string, whole: string): string => `(${orZero(part)}) / (${whole} > 0) or vector(0)`;
