import { Logger } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Clock, Ids } from '#libs/clock/clock';
import { AuthContract, Denial } from '#libs/contracts/auth.contract';
import { Unavailable, Unprocessable } from '#libs/errors/errors';
import { Denials } from './denials';
import { GuardedRequest } from './presented-credential';
import { WaitingDenials } from './waiting-denials';

const AWAY = new Unavailable('service.unavailable', 'The service "auth" does not answer.');

describe('the audit entry of a refusal', () => {
  let told: Denial[];
  let failure: ((denial: Denial) => Error | undefined) | undefined;
  let denials: Denials;
  let lost: Counter;
  beforeEach(() => {
    Logger.overrideLogger(false);
    told = [];
    failure = undefined;
    const recordDenial = async (denial: Denial): Promise<object> => {
      const thrown = failure?.(denial);
      if (thrown) throw thrown;
      told.push(denial);
      return Promise.resolve({});
    };
    const auth = { recordDenial } as unknown as AuthContract; // it calls nothing else
    const gauge = new Gauge({ name: 'w', help: 'w', registers: [] });
    lost = new Counter({ name: 'l', help: 'l', registers: [] });
    denials = new Denials(auth, new Clock(), new Ids(), gauge, lost);
  });

  const refuse = (id: string): Promise<void> =>
    denials.record(
      { id, method: 'GET', url: '/v1/keys?limit=1', headers: {}, ip: '192.0.2.1', params: {} } as GuardedRequest, // what it reads
      { permission: 'keys:read' },
    );
  const requests = (): (string | undefined)[] => told.map(({ requestId }) => requestId);

  it('is told before the answer, and waits for auth while that is away, in order and with its own time', async () => {
    await refuse('r-1');
    expect(requests()).toEqual(['r-1']);
    failure = () => AWAY;
    await refuse('r-2');
    failure = undefined;
    await refuse('r-3'); // behind the one that waits
    expect(requests()).toEqual(['r-1']);
    await denials.tellWaiting();
    expect(requests()).toEqual(['r-1', 'r-2', 'r-3']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(3);
    expect(told.every(({ time }) => time !== undefined)).toBe(true);
  });

  it('keeps its id when it is told again, so that the log takes it once', async () => {
    const seen: (string | undefined)[] = [];
    failure = ({ id }) => (seen.push(id) < 3 ? AWAY : undefined);
    await refuse('r-1');
    await denials.tellWaiting();
    await denials.tellWaiting();
    expect(new Set(seen).size).toBe(1);
    expect(requests()).toEqual(['r-1']);
  });

  it('holds up no other when auth does not take it', async () => {
    failure = ({ requestId }) => (requestId === 'r-1' ? new Unprocessable('call.invalid', 'unknown field') : undefined);
    await refuse('r-1');
    await refuse('r-2');
    await denials.tellWaiting();
    expect(requests()).toEqual(['r-2']);
    failure = undefined;
    await denials.tellWaiting();
    expect(requests()).toEqual(['r-2', 'r-1']);
  });

  it('waits no more once auth has not taken it for ten minutes, and is counted; one that auth was away for waits on', async () => {
    failure = ({ requestId }) => (requestId === 'r-1' ? new Unprocessable('call.invalid', 'unknown field') : AWAY);
    await refuse('r-1');
    await refuse('r-2');
    let tries = 0;
    const lostNow = async (): Promise<number> => (await lost.get()).values[0]?.value ?? 0;
    while ((await lostNow()) === 0) {
      await denials.tellWaiting();
      tries += 1;
    }
    expect(tries).toBe(600);
    failure = undefined;
    await denials.tellWaiting();
    expect([requests(), await lostNow()]).toEqual([['r-2'], 1]);
  });

  it('is told at the end, when the process stops', async () => {
    failure = () => AWAY;
    await refuse('r-1');
    failure = undefined;
    await denials.beforeApplicationShutdown();
    expect(requests()).toEqual(['r-1']);
  });
});

describe('refusals that wait', () => {
  const denial = (target: string): Denial => ({
    principal: { kind: 'key', id: 'k', name: 'k', grants: [] },
    target,
  });

  it('are bounded; those beyond are counted', () => {
    const waiting = new WaitingDenials();
    for (let at = 0; at < 10_003; at += 1) waiting.add(denial(`GET /${at}`));
    expect([waiting.size, waiting.takeUncounted(), waiting.takeUncounted()]).toEqual([10_000, 3, 0]);
    expect(waiting.drain()[0]?.target).toBe('GET /0');
    expect(waiting.size).toBe(0);
  });

  it('are not told of one by one while nothing arrives', async () => {
    const waiting = new WaitingDenials();
    for (const target of ['a', 'b', 'c']) waiting.add(denial(target));
    const tries: string[] = [];
    const tell = ({ target }: Denial): Promise<void> => {
      tries.push(target);
      return Promise.reject(AWAY);
    };
    await waiting.tell(tell, () => true);
    expect([tries, waiting.size]).toEqual([['a'], 3]);
  });
});
