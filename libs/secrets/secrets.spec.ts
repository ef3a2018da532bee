import { Logger } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { loadConfig } from '#libs/config/load';
import { SecretValue, UseSecret } from '#libs/contracts/auth-secrets';
import { AuthContract } from '#libs/contracts/auth.contract';
import { NotFound, Unavailable } from '#libs/errors/errors';
import { Secrets } from './secrets';

const MINUTE_MS = 60_000;

describe('secrets of a service', () => {
  let now: number;
  let value: string;
  let failure: Error | undefined;
  let asked: UseSecret[];
  let secrets: Secrets;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(() => {
    now = Date.parse('2026-01-01T00:00:00Z');
    value = 'first';
    failure = undefined;
    asked = [];
    const secret = async (request: UseSecret): Promise<SecretValue> => {
      asked.push(request);
      if (failure) throw failure;
      return { value: `${value} of ${request.name}`, version: 1, validUntil: new Date(now + MINUTE_MS).toISOString() };
    };
    const clock: Clock = { now: () => new Date(now) };
    // only `secret` is called here
    secrets = new Secrets({ secret } as unknown as AuthContract, clock, loadConfig({}));
  });
  const fill = async (): Promise<string> => (await secrets.open('p', 'Bearer ${secret.token}', 'Pipeline/p/x')).value;

  it('are filled in, and asked for again after a minute', async () => {
    expect(await fill()).toBe('Bearer first of token');
    value = 'second';
    now += MINUTE_MS - 1;
    expect(await fill()).toBe('Bearer first of token');
    now += 1;
    expect(await fill()).toBe('Bearer second of token');
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual({ project: 'p', name: 'token', purpose: 'Pipeline/p/x' });
  });

  it('are asked for once by a hundred who need the same one at once', async () => {
    await Promise.all(Array.from({ length: 100 }, fill));
    expect(asked).toHaveLength(1);
  });

  it('hold on while auth is away, for CHARTLY_AUTH_STALE_MAX', async () => {
    await fill();
    failure = new Unavailable('service.unavailable', 'Auth is away.');
    now += 15 * MINUTE_MS - 1;
    expect(await fill()).toBe('Bearer first of token');
    now += 1;
    await expect(fill()).rejects.toBeInstanceOf(Unavailable);
  });

  it('are forgotten when they were deleted, whatever becomes of auth then', async () => {
    await fill();
    failure = new NotFound('secret.unknown', 'There is none.');
    now += MINUTE_MS;
    await expect(fill()).rejects.toBeInstanceOf(NotFound);
    failure = new Unavailable('service.unavailable', 'Auth is away.');
    await expect(fill()).rejects.toBeInstanceOf(Unavailable);
  });

  it('ask nobody for a text without a reference', async () => {
    expect((await secrets.open('p', { a: 'plain' }, 'x')).value).toEqual({ a: 'plain' });
    expect(asked).toEqual([]);
  });
});
