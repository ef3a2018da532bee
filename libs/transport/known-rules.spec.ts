import { getMetadataStorage, IsInt, IsString, validate } from 'class-validator';
import { remembering, rememberRules } from './known-rules';

class Base {
  @IsString() name: string;
}

class Derived extends Base {
  @IsInt() count: number;
}

const wrong = async (value: object): Promise<string[]> =>
  (await validate(value, { whitelist: true, forbidNonWhitelisted: true })).map(({ property }) => property).sort();

describe('rules that are remembered', () => {
  it('are those of the class and of what it inherits, however often they are asked for', async () => {
    rememberRules();
    rememberRules();
    for (let time = 0; time < 3; time += 1) {
      expect(await wrong(Object.assign(new Derived(), { name: 1, count: 'x', other: 1 }))).toEqual([
        'count',
        'name',
        'other',
      ]);
      expect(await wrong(Object.assign(new Derived(), { name: 'x', count: 1 }))).toEqual([]);
      expect(await wrong(Object.assign(new Base(), { name: 'x', count: 1 }))).toEqual(['count']);
    }
  });

  it('are searched for once, and each time where groups are asked for', () => {
    let searches = 0;
    const storage = getMetadataStorage();
    const search = remembering((...asked) => {
      searches += 1;
      return storage.getTargetValidationMetadatas(...asked);
    });
    for (let time = 0; time < 3; time += 1) search(Derived, '', false, false);
    expect(searches).toBe(1);
    search(Derived, '', true, false);
    for (let time = 0; time < 2; time += 1) search(Derived, '', false, false, ['g']);
    expect(searches).toBe(4);
  });
});
