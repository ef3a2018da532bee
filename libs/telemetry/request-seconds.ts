/** Upper bounds. Unit: seconds. */
const BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60] as const;

interface Labels {
  readonly method: string;
  readonly route: string;
  readonly status: string;
}

interface Cell {
  readonly labels: Labels;
  /** How many were within each bound and over the one before; the last ones over all of them. */
  readonly counts: number[];
  sum: number;
}

/** A line of the text format. */
interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram of prom-client's shape that counts each request: where its own one hashes all labels at each observation,
 * this looks a series up by the route's own object.
 */
export class RequestSeconds {
  static readonly metricName = 'chartly_http_request_seconds';
  readonly name = RequestSeconds.metricName;
  readonly help = 'Time to answer a request, by route (never by path: that would be without bound), method and status.';
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  private readonly series = new Map<string, Cell>();
  private readonly byRoute = new Map<object, Map<string, Cell>>();

  /** `route` is any object that stands for the route for as long as there is one; `url` as the route is declared. */
  observe(route: object, url: string | undefined, method: string, status: number, seconds: number): void {
    const key = `${method} ${status}`;
    let cells = this.byRoute.get(route);
    if (!cells) this.byRoute.set(route, (cells = new Map()));
    let cell = cells.get(key);
    if (!cell) cells.set(key, (cell = this.cellOf({ method, route: url ?? 'unknown', status: String(status) })));
    let at = 0;
    while (at < BUCKETS.length && seconds > BUCKETS[at]!) at += 1;
    cell.counts[at]! += 1; // a count for each bound, and one beyond
    cell.sum += seconds;
  }

  reset(): void {
    this.series.clear();
    this.byRoute.clear();
  }

  async get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Sample[] }> {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: [...this.series.values()].flatMap((cell) => samplesOf(name, cell)) };
  }

  /** Routes that are declared twice count as one. */
  private cellOf(labels: Labels): Cell {
    const id = `${labels.method} ${labels.status} ${labels.route}`;
    const known = this.series.get(id);
    if (known) return known;
    const cell = { labels, counts: new Array<number>(BUCKETS.length + 1).fill(0), sum: 0 };
    this.series.set(id, cell);
    return cell;
  }
}

function samplesOf(name: string, { labels, counts, sum }: Cell): Sample[] {
  let count = 0;
  const buckets = counts.map((within, at): Sample => {
    count += within;
    return { metricName: `${name}_bucket`, labels: { le: BUCKETS[at] ?? '+Inf', ...labels }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: sum },
    { metricName: `${name}_count`, labels: { ...labels }, value: count },
  ];
}
