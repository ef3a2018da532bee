import fc from 'fast-check';
import { Room } from './room';

describe('room', () => {
  it('never holds more than it has, but one that is heavier goes alone, and all come in, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1 }), fc.nat(), async (weights, seed) => {
        const room = new Room(10);
        const inside = new Map<number, number>();
        const order: number[] = [];
        const stay = async (at: number): Promise<void> => {
          const leave = await room.enter(weights[at]!);
          order.push(at);
          inside.set(at, weights[at]!);
          const together = [...inside.values()].reduce((sum, one) => sum + one, 0);
          expect(together <= 10 || inside.size === 1 || [...inside.values()].filter(Boolean).length === 1).toBe(true);
          for (let turn = (seed * (at + 1)) % 5; turn >= 0; turn -= 1) await Promise.resolve();
          inside.delete(at);
          leave();
        };
        await Promise.all(weights.map((_, at) => stay(at)));
        expect(order).toEqual(weights.map((_, at) => at));
      }),
    );
  });
});
