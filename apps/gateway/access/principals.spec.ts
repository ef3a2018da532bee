import { Clock } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { AuthContract } from '#libs/contracts/auth.contract';
import { Principal } from '#libs/contracts/principal';
import { Unauthenticated, Unavailable } from '#libs/errors/errors';
import { Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Principals } from './principals';

const ADA: Principal = { kind: 'key', id: 'k1', name: 'ada', grants: [{ role: 'ingest', project: 'default' }] };
const MINUTE_MS = 60_000;

/** Auth as the gateway sees it: it answers, refuses, or is away. */
class Answers {
  state: 'knows' | 'refuses' | 'away' = 'knows';
  asked = 0;

  authenticate(): Promise<object> {
    this.asked += 1;
    if (this.state === 'away') return Promise.reject(new Unavailable('service.unavailable', 'Auth is away.'));
    if (this.state === 'refuses') return Promise.reject(new Unauthenticated('auth.invalid', 'Unknown.'));
    return Promise.resolve({ principal: ADA, validUntil: '' });
  }
}

describe('who a credential stands for', () => {
  const of = async (token: string, staleAllowed: boolean): Promise<Principal> => principals.of(token, staleAllowed);
  let now: number;
  let auth: Answers;
  let principals: Principals;
  let stale: Counter;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(() => {
    now = Date.parse('2026-01-01T00:00:00Z');
    auth = new Answers();
    stale = new Counter({ name: 'stale', help: 'Stale.', registers: [] });
    const clock: Clock = { now: () => new Date(now) };
    // only `authenticate` is called here
    principals = new Principals(auth as unknown as AuthContract, clock, loadConfig({}), stale);
  });

  it('rule 17: is asked again after 5 s, so that a revoked key stops within them', async () => {
    await of('t', false);
    now += 4_999;
    auth.state = 'refuses';
    await expect(of('t', false)).resolves.toEqual(ADA);
    expect(auth.asked).toBe(1);
    now += 1;
    await expect(of('t', false)).rejects.toBeInstanceOf(Unauthenticated);
    await expect(of('t', true)).rejects.toBeInstanceOf(Unauthenticated);
  });

  it('goes on with the last known decision for ingest alone while auth is away, for CHARTLY_AUTH_STALE_MAX', async () => {
    await of('t', true);
    auth.state = 'away';
    now += 15 * MINUTE_MS - 1;
    await expect(of('t', true)).resolves.toEqual(ADA);
    await expect(of('t', false)).rejects.toBeInstanceOf(Unavailable);
    expect((await stale.get()).values[0]?.value).toBe(1);
    now += 1;
    await expect(of('t', true)).rejects.toBeInstanceOf(Unavailable);
  });

  it('lets nobody in whom auth never answered for, and forgets whom it refused', async () => {
    auth.state = 'away';
    await expect(of('stranger', true)).rejects.toBeInstanceOf(Unavailable);
    auth.state = 'knows';
    await of('t', true);
    now += 5_000;
    auth.state = 'refuses';
    await expect(of('t', true)).rejects.toBeInstanceOf(Unauthenticated);
    auth.state = 'away';
    await expect(of('t', true)).rejects.toBeInstanceOf(Unavailable);
  });
});
