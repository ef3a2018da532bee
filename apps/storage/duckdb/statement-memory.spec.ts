import { suspectOf } from './statement-memory';

describe('who took the memory', () => {
  const patient = { name: 'patient', before: 100 };
  const bomb = { name: 'bomb', before: 104 };

  it('is nobody while no statement grew beyond its budget', () => {
    expect(suspectOf([patient, bomb], 150, 64)).toBeUndefined();
    expect(suspectOf([], 1_000, 64)).toBeUndefined();
  });

  it('is the last in whose time most of it came, be it the older or the younger', () => {
    expect(suspectOf([patient, bomb], 166, 64)).toBe(bomb);
    expect(
      suspectOf(
        [
          { ...bomb, before: 100 },
          { ...patient, before: 150 },
        ],
        166,
        64,
      ),
    ).toMatchObject({ name: 'bomb' });
  });
});
