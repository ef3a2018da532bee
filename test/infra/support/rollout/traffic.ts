import { randomUUID } from 'node:crypto';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { eventAt, ndjson } from '../../../scenarios/pushed-events';
import { Answer, Api } from '../../../support/api';
import { until } from '../../../support/until';

const EVENTS = '/v1/projects/default/pipelines/metrics/events';
const QUERY = '/v1/projects/default/query';
const COUNT = { dataset: 'metrics', measures: { n: 'count()' } };
const BATCH = 50;
/** What an ordinary client does: one request after another, and a breath between them. */
const PACE_MS = 100;

/** The answers that a client may get while a role restarts, and what it met beside them. */
export interface Tally {
  readonly pushed: number;
  readonly pushes: number;
  readonly queries: number;
  /** Times that a client was told to come again. */
  readonly unavailable: number;
  /** Whatever a client should not have met, in words. */
  readonly wrong: readonly string[];
}

/**
 * Clients that push and ask without a pause, each request on a connection of its own. A push is sent again under its
 * Idempotency-Key until it is taken, as the documentation tells a client to.
 */
export class Traffic {
  private readonly stopping = new AbortController();
  private readonly actors: readonly Promise<void>[];
  private pushed = 0;
  private pushes = 0;
  private queries = 0;
  private unavailable = 0;
  private highest = 0;
  private readonly wrong: string[] = [];

  private constructor(
    private readonly api: Api,
    private readonly key: string,
    private next: number,
  ) {
    this.actors = [this.keeps(() => this.push()), this.keeps(() => this.push()), this.keeps(() => this.ask())];
  }

  /** `from`: the number of the first event that nobody has pushed yet. */
  static begin(api: Api, key: string, from: number): Traffic {
    return new Traffic(api, key, from);
  }

  get tally(): Tally {
    const { pushed, pushes, queries, unavailable, wrong } = this;
    return { pushed, pushes, queries, unavailable, wrong };
  }

  /** Waits until a push and a query have been answered that began after now. */
  async passes(): Promise<void> {
    const { pushes, queries } = this;
    await until('pushes and queries to be answered', () =>
      Promise.resolve(this.pushes > pushes + 2 && this.queries > queries + 1 ? true : undefined),
    );
  }

  /** Ends it when what is under way has been answered. */
  async end(): Promise<Tally> {
    this.stopping.abort();
    await Promise.all(this.actors);
    return this.tally;
  }

  private async keeps(request: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await request();
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  }

  private async push(): Promise<void> {
    const from = this.next;
    this.next += BATCH;
    const body = ndjson(Array.from({ length: BATCH }, (_, at) => eventAt(from + at)));
    const headers = { 'idempotency-key': randomUUID() };
    await until(`events from ${from} on to be taken`, async () => {
      const answer = await this.send(EVENTS, { body, type: 'application/x-ndjson', headers });
      return answer?.status === 202 ? true : undefined;
    });
    this.pushed += BATCH;
    this.pushes += 1;
  }

  /** Asks how many events there are: what was found once is found ever after. */
  private async ask(): Promise<void> {
    const answer = await this.send<QueryReply>(QUERY, { body: JSON.stringify(COUNT), type: 'application/json' });
    if (answer?.status !== 200) return;
    const { columns, rows } = answer.body;
    const found = Number(rows[0]?.[columns.findIndex(({ name }) => name === 'n')] ?? 0);
    if (found < this.highest) this.wrong.push(`a query found ${found} events after one that found ${this.highest}`);
    this.highest = Math.max(this.highest, found);
    this.queries += 1;
  }

  /** The answer; undefined, and told, where there was none or one that no client should get. */
  private async send<T>(
    path: string,
    sent: { body: string; type: string; headers?: Readonly<Record<string, string>> },
  ): Promise<Answer<T> | undefined> {
    const headers = { ...sent.headers, connection: 'close' };
    const answer = await this.api.send<T>(path, { ...sent, headers, key: this.key }).catch((thrown: unknown) => {
      const { message, cause } = thrown as Error; // of fetch
      this.wrong.push(`${path} was cut off: ${message}: ${String(cause)}`);
    });
    if (!answer) return undefined;
    if (answer.status === 503 && /^\d+$/.test(answer.headers.get('retry-after') ?? '')) this.unavailable += 1;
    else if (answer.status !== 202 && answer.status !== 200) {
      this.wrong.push(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }
}
