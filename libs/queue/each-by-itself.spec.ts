import { eachByItself } from './each-by-itself';

describe('work that is done for each by itself', () => {
  const failing = (...bad: number[]) => {
    const done: number[] = [];
    const work = (one: number): Promise<void> =>
      bad.includes(one) ? Promise.reject(new Error(`no ${one}`)) : Promise.resolve(void done.push(one));
    return { done, work };
  };

  it('goes on after one that fails, and then says so', async () => {
    const { done, work } = failing(1);
    await expect(eachByItself([1, 2, 3], work)).rejects.toThrow('no 1');
    expect(done).toEqual([2, 3]);
  });

  it('tells of several that failed how many they were and what the first one said', async () => {
    const { work } = failing(1, 3);
    const thrown = await eachByItself([1, 2, 3], work).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ message: '2 failed, each by itself. The first said: no 1' });
    expect(thrown).toHaveProperty('errors.length', 2);
  });
});
