import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { Checkpoint, EntryPage } from '#libs/contracts/audit.contract';
import { PULLED_PIPELINE } from './contract/examples';
import { AuditedWorld, Change, KINDS_OF_EVENTS, KINDS_OF_THINGS } from './scenarios/audited-changes';
import { applyMetrics, eventAt, ndjson, settledLedger } from './scenarios/pushed-events';
import { Answer, Api } from './support/api';
import { ChartlyUnderTest } from './support/chartly';
import { ROOT } from './support/paths';
import { seededRandom } from './support/random';
import { until } from './support/until';

const exec = promisify(execFile);

const ROUNDS = Number(process.env.CHARTLY_FAULT_ROUNDS ?? 2);
const SEED = Number(process.env.CHARTLY_FAULT_SEED ?? Date.now() % 1_000_000);
const CALLERS = 8;
const KILL_AFTER_ANSWERS_MAX = 120;
const PASSWORD = 'correct horse battery staple';
const IN_PROJECT = '/v1/projects/default';

/** One request, under an id of its own, and what became of it. */
interface Attempt {
  readonly request: string;
  readonly kind: string;
  /** Of the thing that it makes or takes away. */
  readonly name?: string;
  readonly does: 'make' | 'remove' | 'happen';
  /** Undefined when the process died before it answered. */
  answer?: Answer<{ readonly id?: string }>;
}

interface Entry {
  readonly requestId?: string;
  readonly outcome: string;
  readonly action: string;
}

/** The log as far as it was read; it only grows. */
class ReadLog {
  readonly leaves: string[] = [];
  private readonly byRequest = new Map<string, Entry[]>();

  async readOn(api: Api): Promise<void> {
    for (let next: number | undefined = this.leaves.length; next !== undefined;) {
      const page: EntryPage = await api.ok<EntryPage>(`/v1/audit/entries?limit=1000&from=${next}`);
      for (const { leaf } of page.entries) {
        this.leaves.push(leaf);
        const entry = JSON.parse(leaf) as Entry;
        if (entry.requestId === undefined) continue;
        this.byRequest.set(entry.requestId, [...this.of(entry.requestId), entry]);
      }
      next = page.next;
    }
  }

  of(request: string): readonly Entry[] {
    return this.byRequest.get(request) ?? [];
  }

  has({ request }: Attempt, outcome: string): boolean {
    return this.of(request).some((entry) => entry.outcome === outcome);
  }
}

/** What is acknowledged has its entry: whenever the process dies by kill -9 in the middle of changes of every kind. */
describe(`kill -9 in the middle of what the audit log tells of (seed ${SEED}, ${ROUNDS} rounds)`, () => {
  const random = seededRandom(SEED);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const attempts: Attempt[] = [];
  const log = new ReadLog();
  const heads: Checkpoint[] = [];
  let names = 0;
  let world: AuditedWorld;
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process');
    const { api } = chartly;
    await applyMetrics(api);
    await api.ok(`${IN_PROJECT}/apply`, { body: PULLED_PIPELINE, type: 'application/yaml' });
    await api.json(`${IN_PROJECT}/service-accounts/robot`, {}, { method: 'PUT' });
    await api.json('/v1/users', { name: 'person', password: PASSWORD });
    const { key } = await api.json<{ key: string }>('/v1/keys', { name: 'reads', role: 'viewer', project: 'default' });
    world = { viewerKey: key, password: PASSWORD, from: new Date(Date.now() - 60_000).toISOString() };
    const good = Array.from({ length: 100 }, (_, at) => eventAt(at));
    const bad = Array.from({ length: 20 }, (_, at) => ({ ...eventAt(at), id: `bad-${at}`, t: 'never' }));
    const pushed = `${ndjson(good)}${bad.map((one) => `${JSON.stringify(one)}\n`).join('')}`;
    await api.ok(`${IN_PROJECT}/pipelines/metrics/events`, { body: pushed, type: 'application/x-ndjson' });
    await settledLedger(api, 'metrics');
    await changeOneOfEachKind();
    await look(); // a process that dies at the first answer gives no other head
  });
  afterAll(() => chartly.end());

  async function attempt(sent: Change, what: Omit<Attempt, 'request' | 'answer'>): Promise<Attempt> {
    const one: Attempt = { request: `r-${attempts.length}`, ...what };
    attempts.push(one);
    const { path, ...rest } = sent;
    one.answer = await chartly.api.send(path, { ...rest, headers: { 'x-request-id': one.request } });
    return one;
  }

  /** None of the kinds is there for nothing: each does what it is to do while nobody dies. */
  async function changeOneOfEachKind(): Promise<void> {
    for (const [kind, { make, remove }] of Object.entries(KINDS_OF_THINGS)) {
      const name = `t${(names += 1)}`;
      const { answer } = await attempt(make(name), { kind, name, does: 'make' });
      await attempt(remove(name, answer?.body ?? {}), { kind, name, does: 'remove' });
    }
    for (const [kind, { make }] of Object.entries(KINDS_OF_EVENTS))
      await attempt(make(world), { kind, does: 'happen' });
    expect(told(attempts.filter((one) => !isDone(one) && one.kind !== 'denial'))).toEqual([]);
  }

  /** Makes something, and mostly takes it away again; or lets something happen. Throws when the process is gone. */
  async function change(): Promise<void> {
    if (random() < 0.4) {
      const [kind, { make }] = pick(Object.entries(KINDS_OF_EVENTS));
      await attempt(make(world), { kind, does: 'happen' });
      return;
    }
    const [kind, { make, remove }] = pick(Object.entries(KINDS_OF_THINGS));
    const name = `t${(names += 1)}`;
    const { answer } = await attempt(make(name), { kind, name, does: 'make' });
    if (random() < 0.6) await attempt(remove(name, answer?.body ?? {}), { kind, name, does: 'remove' });
  }

  async function look(): Promise<void> {
    heads.push(await chartly.api.ok<Checkpoint>('/v1/audit/checkpoint'));
  }

  /** Changes things from many sides, and looks at the log's head, until the process is dead. */
  async function changeUntilKilled(): Promise<void> {
    const before = answered().length;
    const killAfter = before + 1 + Math.floor(random() * KILL_AFTER_ANSWERS_MAX);
    let dying: Promise<void> | undefined;
    const goOn = async (step: () => Promise<void>): Promise<void> => {
      while (dying === undefined) {
        try {
          await step();
        } catch (thrown) {
          if (dying === undefined) throw thrown;
        }
        if (answered().length >= killAfter) dying ??= chartly.crash();
      }
    };
    await Promise.all([...Array.from({ length: CALLERS }, () => goOn(change)), goOn(look)]);
    await dying;
  }

  const answered = (): Attempt[] => attempts.filter(({ answer }) => answer !== undefined);
  const statusOf = ({ answer }: Attempt): number => answer?.status ?? 0;
  const isDone = (one: Attempt): boolean => statusOf(one) >= 200 && statusOf(one) < 300;
  const told = (of: readonly Attempt[]): string[] =>
    of.map((one) => `${one.kind} ${one.name ?? ''} ${one.does} (${one.request}): ${statusOf(one) || 'no answer'}`);

  /** The things that are there, and not as the log says. */
  async function otherThanTold(api: Api): Promise<{ untold: string[]; undone: string[] }> {
    const untold: string[] = [];
    const undone: string[] = [];
    for (const [kind, { there, isOneWithItsEntry = true }] of Object.entries(KINDS_OF_THINGS)) {
      const present = new Set(await there(api));
      const ofKind = attempts.filter((one) => one.kind === kind);
      for (const made of ofKind.filter(({ does }) => does === 'make')) {
        const removed = ofKind.find(({ does, name }) => does === 'remove' && name === made.name);
        const isToldMade = log.has(made, 'succeeded');
        const isToldGone = removed !== undefined && log.has(removed, 'succeeded');
        const isThere = present.has(made.name!);
        if (isToldMade && isThere === isToldGone) undone.push(`${kind} ${made.name}`);
        if (!isToldMade && isThere && isOneWithItsEntry) untold.push(`${kind} ${made.name}`);
      }
    }
    return { untold, undone };
  }

  /** Waits until the log has an entry of whatever was acknowledged or is there. */
  async function whole(api: Api): Promise<void> {
    let lacking: string[] = [];
    await until(
      () => `the log to tell of ${lacking.join(', ')}`,
      async () => {
        await log.readOn(api);
        const { untold, undone } = await otherThanTold(api);
        const silent = attempts.filter(
          (one) => (isDone(one) || statusOf(one) === 403) && log.of(one.request).length === 0,
        );
        lacking = [...told(silent), ...untold, ...undone];
        return lacking.length === 0 ? true : undefined;
      },
    );
  }

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`A, round ${round}: each acknowledged change has one entry, each entry its change, and every earlier head is a beginning of the log`, async () => {
      const before = attempts.length;
      await changeUntilKilled();
      await chartly.boot();
      const { api } = chartly;
      await whole(api);

      const done = attempts.filter(isDone);
      expect(done.length).toBeGreaterThan(0);
      expect(
        told(
          done.filter(
            ({ request }) =>
              log
                .of(request)
                .map(({ outcome }) => outcome)
                .join() !== 'succeeded',
          ),
        ),
      ).toEqual([]);
      const denied = attempts.filter((one) => statusOf(one) === 403);
      expect(
        told(
          denied.filter(
            ({ request }) =>
              log
                .of(request)
                .map(({ action }) => action)
                .join() !== 'access.deny',
          ),
        ),
      ).toEqual([]);
      const refused = attempts.filter((one) => statusOf(one) >= 400 && statusOf(one) < 500 && statusOf(one) !== 403);
      expect(told(refused.filter(({ request }) => log.of(request).length > 0))).toEqual([]);
      expect(told(attempts.filter(({ request }) => log.of(request).length > 1))).toEqual([]);

      for (const one of attempts.slice(before).filter((each) => each.does === 'happen' && isDone(each))) {
        const stands = await (KINDS_OF_EVENTS[one.kind]?.stands?.(api, one.answer!.body as never) ?? true); // as it was answered
        expect([one.kind, one.request, stands]).toEqual([one.kind, one.request, true]);
      }

      const { note, handovers } = await api.ok<Checkpoint>('/v1/audit/checkpoint');
      await log.readOn(api);
      const { publicKey } = heads[0]!;
      const earlier = heads.map((head) => head.note);
      expect(await verifyLog({ leaves: log.leaves, note, publicKey, handovers, earlier })).toMatchObject({
        verified: true,
      });
      const saved = join(chartly.dataDir, 'earlier.json');
      await writeFile(saved, JSON.stringify({ ...heads.at(-1), leaves: [] }));
      const words = ['audit', 'verify', '--url', api.url, '--public-key', publicKey, '--earlier', saved];
      const env = { ...process.env, CHARTLY_DATA_DIR: chartly.dataDir };
      const { stdout } = await exec(process.execPath, [join(ROOT, 'bin', 'chartly.js'), ...words], { env });
      expect(stdout).toMatch(/^verified: \d+ entries/);
    });
  }
});
