import { setImmediate } from 'node:timers/promises';
import { asThisCall, CallContext, currentCall, withCall } from './call-context';

const CALL: CallContext = { principal: { kind: 'key', id: 'k', name: 'anna', grants: [] }, deadline: 42 };

describe('the context of a call', () => {
  it('is there for everything that the call awaits', async () => {
    const later = await withCall(CALL, async () => {
      await setImmediate();
      return currentCall();
    });
    expect(later).toBe(CALL);
  });

  it('is background work where nobody called', () => {
    expect(currentCall()).toMatchObject({ principal: { kind: 'service' } });
    expect(currentCall().deadline).toBeUndefined();
  });

  it('ends with the call: a loop that it set off goes on without its deadline', async () => {
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    let loop: Promise<CallContext> | undefined;
    await withCall(CALL, async () => {
      loop = left.then(() => currentCall());
    });
    leave();
    expect((await loop)?.deadline).toBeUndefined();
  });

  it('ends with a call that fails', async () => {
    let loop: Promise<CallContext> | undefined;
    const fail = (): void =>
      withCall(CALL, () => {
        loop = setImmediate().then(() => currentCall());
        throw new RangeError('no');
      });
    expect(fail).toThrow(RangeError);
    expect((await loop)?.deadline).toBeUndefined();
  });

  it('is that of the inner call inside of it, and of the outer one behind it', async () => {
    const inner: CallContext = { ...CALL, deadline: 7 };
    await withCall(CALL, async () => {
      expect(await withCall(inner, async () => currentCall())).toBe(inner);
      expect(currentCall()).toBe(CALL);
    });
  });

  it('stays that of who put work into a queue, though another takes it out', async () => {
    const queue: (() => CallContext)[] = [];
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const waits = withCall(CALL, async () => {
      queue.push(asThisCall(() => currentCall()));
      await left;
    });
    const other: CallContext = { ...CALL, deadline: 7 };
    expect(withCall(other, () => queue.shift()?.())).toBe(CALL);
    leave();
    await waits;
  });
});
